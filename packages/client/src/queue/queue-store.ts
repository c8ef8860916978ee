import type { AbortSignalLike, FileSource } from "../ports.ts";
import type { UploadProblem } from "./upload-item.ts";
import type { AddOptions } from "./upload-queue.ts";

/** Where an item stands as far as that outlives the program: what was on its way is `saved`. */
export type StoredState = "saved" | "paused" | "ready" | "rejected" | "failed" | "cancelled";

/** What of an item outlives the program: plain data, stored as it is. */
export interface QueueRow {
  readonly id: string;
  /** Names the upload to the server, the same through all tries. */
  readonly ref: string;
  /** Rows are shown in this order. */
  readonly order: number;
  readonly name: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  readonly options: AddOptions;
  readonly state: StoredState;
  /** The store has the file's bytes, or on a disk of its own the place where they are. */
  readonly isKept: boolean;
  readonly sha256?: string;
  /** Bytes that the store has of it, as far as was known last; rows of before have none. */
  readonly confirmedBytes?: number;
  /** An upload of what looks like the same file has become ready while this one was waiting: with this SHA-256 it is that one. */
  readonly sameAs?: { readonly sha256: string; readonly ref: string; readonly uploadId?: never };
  readonly uploadId?: string;
  readonly fileId?: string;
  readonly problem?: UploadProblem;
  readonly canRetry: boolean;
  /** It was cancelled, and the server has yet to be told. */
  readonly mustEnd?: boolean;
  /** It was taken off the list before the server was told. */
  readonly isDismissed?: boolean;
  /** Its file was given again: what has arrived under its ref may be another. */
  readonly isAttached?: boolean;
}

/**
 * The queue of one person at one server, on this device. Each call is done, as far as the device can promise it, once
 * it resolves; one that fails has done nothing.
 */
export interface QueueStore<Source extends FileSource = FileSource> {
  /** Whether rows and bytes are still there when the program starts again. */
  readonly isDurable: boolean;
  /**
   * Whose it is, as the server calls them: the person that it was told first while there were rows, or else this one, which is noted.
   *
   * @param beforeMs - nobody is noted, and nothing answered, where nobody was and there are rows whose `order` is less. Default: 0
   * @throws StorageFullError
   */
  claim(person: string, beforeMs?: number): Promise<string | undefined>;
  /** All rows, in their order. Bytes without a row are cleared away. */
  load(): Promise<QueueRow[]>;
  /**
   * Makes or replaces rows: all or none.
   *
   * @throws StorageFullError
   */
  write(rows: readonly QueueRow[]): Promise<void>;
  /** Removes rows and their bytes; an id that is not there is none. */
  erase(ids: readonly string[]): Promise<void>;
  /**
   * Copies a file's bytes, or where files stay where they are notes their place, under an item's id, in place of what was there.
   * The item's row is written before: bytes without one are cleared away by whoever loads. Nothing is left of a file whose
   * copying fails; what a program that died had copied of one stays until it is released or erased.
   *
   * @throws StorageFullError, FileChangedError, FileUnreadableError, AbortedError
   */
  keep(id: string, source: Source, signal: AbortSignalLike): Promise<void>;
  /** Lets go of bytes, and keeps the row. */
  release(ids: readonly string[]): Promise<void>;
  /** The file that was kept; `undefined` where its bytes are not there, all of them. */
  source(row: QueueRow): Promise<Source | undefined>;
  close(): void;
}
