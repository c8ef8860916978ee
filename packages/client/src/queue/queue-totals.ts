import {
  hasEnded,
  isHeldUp,
  type UploadItem,
  type UploadItemState,
  uploadItemStates,
} from "./upload-item.ts";

/** A queue in figures, for a line about all of it. Files are counted by their state. */
export interface QueueTotals extends Readonly<Record<UploadItemState, number>> {
  readonly files: number;
  /** All that have not ended. */
  readonly active: number;
  /** Waiting for the network or for a sign-in. */
  readonly heldUp: number;
  /** Of all files but those that were cancelled. */
  readonly totalBytes: number;
  /** Of `totalBytes`: that have gone out, or need not any more since their file has ended. */
  readonly doneBytes: number;
  /** 0 to 1; 1 where there is nothing to send, and at most 0.99 until all of it is confirmed. */
  readonly fraction: number;
}

export function totalsOf(items: readonly UploadItem[]): QueueTotals {
  const counts = Object.fromEntries(uploadItemStates.map((state) => [state, 0])) as Record<
    UploadItemState,
    number
  >;
  let totalBytes = 0;
  let doneBytes = 0;
  let active = 0;
  let heldUp = 0;
  let most = 1;
  for (const item of items) {
    counts[item.state] += 1;
    const ended = hasEnded(item);
    if (!ended) active += 1;
    if (isHeldUp(item)) heldUp += 1;
    if (item.state === "cancelled") continue;
    totalBytes += item.sizeBytes;
    if (!ended && item.fraction < 1) most = 0.99;
    doneBytes += ended ? item.sizeBytes : item.sentBytes;
  }
  const fraction = Math.min(most, totalBytes === 0 ? 1 : doneBytes / totalBytes);
  return { ...counts, files: items.length, active, heldUp, totalBytes, doneBytes, fraction };
}
