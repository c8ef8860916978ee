import { hasEnded, type UploadItem, type UploadItemState } from "./upload-item.ts";

/** A queue in figures, for a line about all of it. Files are counted by their state. */
export interface QueueTotals extends Readonly<Record<UploadItemState, number>> {
  readonly files: number;
  /** Waiting, sending or being checked. */
  readonly active: number;
  /** Waiting for the network or a sign-in: how many, of those that are `waiting`. */
  readonly heldUp: number;
  /** Of all files but those that were cancelled. */
  readonly totalBytes: number;
  /** Of `totalBytes`: that have gone out, or need not any more since their file has ended. */
  readonly doneBytes: number;
  /** 0 to 1; 1 where there is nothing to send. */
  readonly fraction: number;
}

export function totalsOf(items: readonly UploadItem[]): QueueTotals {
  const counts = { waiting: 0, sending: 0, checking: 0, ready: 0, rejected: 0, failed: 0, cancelled: 0 };
  let totalBytes = 0;
  let doneBytes = 0;
  let active = 0;
  let heldUp = 0;
  for (const item of items) {
    counts[item.state] += 1;
    const ended = hasEnded(item);
    if (!ended) active += 1;
    if (item.waitingFor !== undefined && item.waitingFor !== "turn") heldUp += 1;
    if (item.state === "cancelled") continue;
    totalBytes += item.sizeBytes;
    doneBytes += ended ? item.sizeBytes : item.sentBytes;
  }
  const fraction = totalBytes === 0 ? 1 : doneBytes / totalBytes;
  return { ...counts, files: items.length, active, heldUp, totalBytes, doneBytes, fraction };
}
