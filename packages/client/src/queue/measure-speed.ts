import type { Clock, FileSource } from "../ports.ts";
import { addSample, type Speed, type SpeedEstimate, speedOf } from "./estimate-speed.ts";
import type { UploadQueue } from "./upload-queue.ts";

export interface SpeedMeter {
  /** Of all that is on its way. */
  total(): Speed;
  /** Of one upload; nothing is known of one that is not being sent. */
  of(id: string): Speed;
  /** Ends the measuring. */
  stop(): void;
}

/**
 * Measures how fast a queue's bytes go from now on, and how long the rest will take. Apart from the queue: who does not
 * show it loads none of it.
 */
export function measureSpeed<Source extends FileSource>(
  queue: Pick<UploadQueue<Source>, "subscribe" | "getSnapshot">,
  clock: Pick<Clock, "nowMs">,
): SpeedMeter {
  let all: SpeedEstimate | undefined;
  let each = new Map<string, SpeedEstimate>();

  const look = () => {
    const { items, totals } = queue.getSnapshot();
    const nowMs = clock.nowMs();
    const next: typeof each = new Map();
    for (const { id, state, sentBytes } of items)
      if (state === "sending") next.set(id, addSample(each.get(id), nowMs, sentBytes));
    each = next;
    all = totals.active > 0 ? addSample(all, nowMs, totals.doneBytes) : undefined;
  };
  look();
  const stop = queue.subscribe(look);

  return {
    stop,
    total() {
      const { totalBytes, doneBytes } = queue.getSnapshot().totals;
      return speedOf(all, clock.nowMs(), totalBytes - doneBytes);
    },
    of(id) {
      const item = queue.getSnapshot().items.find((one) => one.id === id);
      return speedOf(each.get(id), clock.nowMs(), item ? item.sizeBytes - item.sentBytes : 0);
    },
  };
}
