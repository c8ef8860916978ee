import type { File } from "@stowage/protocol";
import type { FileSource } from "../ports.ts";

export const uploadItemStates = [
  "saving",
  "saved",
  "waiting-for-network",
  "waiting-for-sign-in",
  "needs-file",
  "sending",
  "checking",
  "paused",
  "ready",
  "rejected",
  "failed",
  "cancelled",
] as const;

/** Where an item stands (docs/client-api.md, States). Those from `ready` on have ended; `ready` is for good, the others may be tried again. */
export type UploadItemState = (typeof uploadItemStates)[number];

/** What went wrong, and a sentence about it for the person who sent the file. */
export interface UploadProblem {
  /** A problem's, a rejection's or a ClientError's code. */
  readonly code: string;
  readonly detail: string;
}

/** One file of an upload queue, as it is now; it never changes, another takes its place. */
export interface UploadItem<Source extends FileSource = FileSource> {
  /** Of the queue, for as long as the item is in it, on this device. */
  readonly id: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  /** As it was added, where that was in this program. */
  readonly source?: Source | undefined;
  /** The name that its `add` gave to all of its files. */
  readonly group?: string | undefined;
  readonly state: UploadItemState;
  /** It goes on after this program has ended, however that came. */
  readonly isKept: boolean;
  /**
   * Of `sizeBytes`: those confirmed and those in flight. Never goes back while an item is on its way, also where bytes that
   * were lost are sent again; after a restart it goes on from those that were confirmed.
   */
  readonly sentBytes: number;
  /** 0 to 1, of the bytes: at most 0.99 until all of them are confirmed; 1 also where there are none to send. */
  readonly fraction: number;
  /** Why it was `rejected`, has `failed`, or waits; or, on its way, what is being tried again. */
  readonly problem?: UploadProblem | undefined;
  /** Whether `retry` may help: it has ended, and not for a reason that will be the same again. */
  readonly canRetry: boolean;
  /** The server's upload, once there is one. */
  readonly uploadId?: string | undefined;
  /** Once it is `ready`. */
  readonly fileId?: string | undefined;
  /** A moment after it is `ready`, where somebody has subscribed for `files`. */
  readonly file?: File;
}

type Standing = Pick<UploadItem, "state">;

export const hasEnded = ({ state }: Standing): boolean => uploadItemStates.indexOf(state) > 7;

/** It waits for the network or for a sign-in. */
export const isHeldUp = ({ state }: Standing): boolean => state.startsWith("waiting");
