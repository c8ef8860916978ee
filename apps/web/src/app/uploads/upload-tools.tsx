import { hasEnded, isHeldUp } from "@stowage/client";
import type { QueueTotals, UploadItem, UploadQueue } from "@stowage/react";
import { AddAgain } from "./add-again.tsx";

/** What can be done with several uploads at once, and what is good to know of those that wait. */
export function UploadTools({
  items,
  totals,
  queue,
}: {
  readonly items: readonly UploadItem[];
  readonly totals: QueueTotals;
  readonly queue: UploadQueue;
}) {
  const canRetry = items.filter(({ canRetry: can, state }) => can && state !== "cancelled").length;
  const needed = items.filter(({ state }) => state === "needs-file");
  const { paused, active, saved, sending, heldUp } = totals;
  const pausable = saved + sending + heldUp;
  const waiting = items.filter(isHeldUp);
  const isAllKept = items.every((item) => item.isKept || hasEnded(item));
  return (
    <>
      {waiting.length > 0 && isAllKept && (
        <p className="uploads-hint">Kept on this device: you may close this page, and they go on later.</p>
      )}
      <div className="uploads-tools">
        {active > 1 && pausable > 0 && (
          <button type="button" className="text-button" onClick={queue.pauseAll}>
            Pause all
          </button>
        )}
        {paused > 1 && (
          <button type="button" className="text-button" onClick={queue.resumeAll}>
            Resume all
          </button>
        )}
        {canRetry > 1 && (
          <button type="button" className="text-button" onClick={queue.retryAll}>
            Try all {canRetry} again
          </button>
        )}
        {needed.length > 1 && <AddAgain items={needed} queue={queue} />}
      </div>
    </>
  );
}
