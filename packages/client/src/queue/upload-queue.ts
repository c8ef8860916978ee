import type { FileSource } from "../ports.ts";
import type { QueueTotals } from "./queue-totals.ts";
import type { QueuedUpload, UploadEnd } from "./queued-upload.ts";
import type { UploadItem } from "./upload-item.ts";

/** A queue as it is at a moment: the same object until something changes. */
export interface UploadQueueSnapshot<Source extends FileSource = FileSource> {
  /** In the order in which they were added. An item that did not change is the same object as before. */
  readonly items: readonly UploadItem<Source>[];
  readonly totals: QueueTotals;
}

export interface AddOptions {
  readonly profile?: string | undefined;
  /** At most 16 pairs, kept with each of these files. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  /** The album that they go to. */
  readonly albumId?: string | undefined;
  /** The version whose place the file is to take: for one file. */
  readonly replaces?: { readonly fileId: string; readonly version: number } | undefined;
  /** A name of your own for these files together, 1 to 128 characters; it stays on this device. */
  readonly group?: string | undefined;
}

/** The uploads that were added under one name. */
export interface UploadGroup<Source extends FileSource = FileSource> {
  list(): readonly QueuedUpload<Source>[];
  totals(): QueueTotals;
  /** Resolves once each of those that are there now has ended, in their order. */
  result(): Promise<readonly UploadEnd[]>;
}

/** Files on their way, and what became of them, for a page to show. Fits React's `useSyncExternalStore`. */
export interface UploadQueue<Source extends FileSource = FileSource> {
  /**
   * Told of changes, at most ten times a second; at once of what the methods here change.
   *
   * @param options - `files`: what becomes ready meanwhile is looked up, for the items' `file`. Default false
   */
  subscribe(listener: () => void, options?: { readonly files?: boolean }): () => void;
  getSnapshot(): UploadQueueSnapshot<Source>;
  /** Takes files in, which are sent as their turn comes. The uploads are in the order of the files. */
  add(sources: Iterable<Source>, options?: AddOptions): readonly QueuedUpload<Source>[];
  /** All that is in the queue, in the order in which it was added. */
  list(): readonly QueuedUpload<Source>[];
  get(id: string): QueuedUpload<Source> | undefined;
  /** Those that were added under this `group`. */
  group(name: string): UploadGroup<Source>;
  /** Stops sending it, until `resume`. */
  pause(id: string): void;
  resume(id: string): void;
  /**
   * Ends an item, on the server too. One whose bytes have all arrived can't be ended there: it goes into the trash once
   * it is a file.
   */
  cancel(id: string): void;
  /** Tries again what has ended and `canRetry`, and at once what waits for the network. */
  retry(id: string): void;
  /**
   * Gives the file again to what `needs-file`, or failed because its file had changed.
   *
   * @throws FileChangedError where its size is another
   */
  attach(id: string, source: Source): void;
  pauseAll(): void;
  resumeAll(): void;
  cancelAll(): void;
  /** Tries again all that `canRetry`, or wait for the network or a sign-in. */
  retryAll(): void;
  /** Somebody is signed in: what waited for it goes on. */
  signedIn(): void;
  /** Takes an ended item off the list. */
  dismiss(id: string): void;
  /** Takes all ended items off the list. */
  clearEnded(): void;
  /** What is kept outlives this program. `false` also until the queue of this person is open. */
  readonly isDurable: boolean;
  /** How many have not ended. */
  unsent(): number;
  /**
   * Resolves once nothing is on its way, or waits for anything but a person.
   *
   * @throws AbortedError once the queue is closed in this program
   */
  whenIdle(): Promise<void>;
  /** Resolves once all that was done so far is as safe on this device as its store makes it. */
  whenStored(): Promise<void>;
  /**
   * Gives up all that has not ended, on the server too as far as it can be reached within 5 s, and erases the queue from
   * this device.
   *
   * @throws ClientError `not-erased`, after 5 s: what is here may be so still, since the queue could not be opened (nobody has said whose it
   *   is), or since the program that leads it does not answer
   */
  erase(): Promise<void>;
  /** Stops everything here and forgets nothing that is kept: it goes on where the queue is opened next. */
  close(): void;
}
