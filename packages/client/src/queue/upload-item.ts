import type { File } from "@stowage/protocol";
import type { FileSource } from "../ports.ts";

/**
 * Where an item stands: `waiting` for its turn, the network or a sign-in; `sending` its bytes; `checking`, while the
 * server verifies them; or ended, in one of the other four. `ready` is for good; the others may be tried again.
 */
export type UploadItemState =
  | "waiting"
  | "sending"
  | "checking"
  | "ready"
  | "rejected"
  | "failed"
  | "cancelled";

/** What went wrong, and a sentence about it for the person who sent the file. */
export interface UploadProblem {
  /** A problem's, a rejection's or a ClientError's code. */
  readonly code: string;
  readonly detail: string;
}

/** One file of an upload queue, as it is now; it never changes, another takes its place. */
export interface UploadItem<Source extends FileSource = FileSource> {
  /** Of the queue, for as long as the item is in it. */
  readonly id: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  readonly source: Source;
  readonly state: UploadItemState;
  /** What it waits for, where it is `waiting`. */
  readonly waitingFor?: "turn" | "network" | "sign-in";
  /** Of `sizeBytes`. Never goes back while an item is on its way, also where bytes that were lost are sent again. */
  readonly sentBytes: number;
  /** 0 to 1, of the bytes; 1 also where there are none to send. */
  readonly fraction: number;
  /** Why it was `rejected`, has `failed`, or waits; or, on its way, what is being tried again. */
  readonly problem?: UploadProblem;
  /** Whether `retry` may help: it has ended, and not for a reason that will be the same again. */
  readonly canRetry: boolean;
  /** The server's upload, once there is one. */
  readonly uploadId?: string;
  /** Once it is `ready`. */
  readonly fileId?: string;
  /** A moment after it is `ready`. */
  readonly file?: File;
}

export const hasEnded = ({ state }: Pick<UploadItem, "state">): boolean =>
  state === "ready" || state === "rejected" || state === "failed" || state === "cancelled";
