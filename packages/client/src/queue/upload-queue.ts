import type { FileSource } from "../ports.ts";
import type { QueueTotals } from "./queue-totals.ts";
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
}

/** Files on their way, and what became of them, for a page to show. Fits React's `useSyncExternalStore`. */
export interface UploadQueue<Source extends FileSource = FileSource> {
  /** Told of changes, at most ten times a second; at once of what the methods here change. */
  subscribe(listener: () => void): () => void;
  getSnapshot(): UploadQueueSnapshot<Source>;
  /** Returns the new items' ids. They are sent as their turn comes. */
  add(sources: Iterable<Source>, options?: AddOptions): readonly string[];
  /**
   * Ends an item, on the server too. One whose bytes have all arrived can't be ended there: it goes into the trash once
   * it is a file.
   */
  cancel(id: string): void;
  cancelAll(): void;
  /** Tries again what has ended and `canRetry`, and at once what waits for the network. */
  retry(id: string): void;
  /** Tries again all that `canRetry` or wait for network or sign-in: after a sign-in, or by a button. */
  retryAll(): void;
  /** Takes an ended item off the list. */
  dismiss(id: string): void;
  /** Takes all ended items off the list. */
  clearEnded(): void;
  /**
   * Stops everything and forgets every item: nothing is told any more. What was created on the server and not sent ends
   * there by itself after a week; `cancel` those before, where it matters.
   */
  close(): void;
}
