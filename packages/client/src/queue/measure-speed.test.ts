import assert from "node:assert/strict";
import { test } from "node:test";
import { measureSpeed } from "./measure-speed.ts";
import { totalsOf } from "./queue-totals.ts";
import type { UploadItem } from "./upload-item.ts";

const item = (id: string, sentBytes: number, state: UploadItem["state"] = "sending"): UploadItem => ({
  id,
  name: id,
  sizeBytes: 100_000,
  contentType: "image/jpeg",
  state,
  isKept: true,
  sentBytes,
  fraction: sentBytes / 100_000,
  canRetry: false,
});

test("tells the speed of all and of each, and forgets what is no longer sent", () => {
  let nowMs = 0;
  let items: UploadItem[] = [];
  let changed: (() => void) | undefined;
  const meter = measureSpeed(
    {
      getSnapshot: () => ({ items, totals: totalsOf(items) }),
      subscribe: (listener) => {
        changed = listener;
        return () => undefined;
      },
    },
    { nowMs: () => nowMs },
  );
  assert.deepEqual(meter.total(), { bytesPerSecond: undefined, secondsLeft: undefined });
  for (let second = 0; second <= 10; second += 1) {
    nowMs = second * 1000;
    items = [item("a", second * 1000), item("b", second * 3000)];
    changed?.();
  }
  assert.equal(Math.round(meter.of("a").bytesPerSecond ?? 0), 1000);
  assert.equal(Math.round(meter.of("b").bytesPerSecond ?? 0), 3000);
  assert.equal(Math.round(meter.total().bytesPerSecond ?? 0), 4000);
  assert.equal(Math.round(meter.total().secondsLeft ?? 0), 40);
  items = [item("a", 100_000, "ready"), item("b", 100_000, "ready")];
  changed?.();
  assert.equal(meter.of("a").bytesPerSecond, undefined);
  assert.equal(meter.total().bytesPerSecond, undefined);
});
