import assert from "node:assert/strict";
import { it } from "node:test";
import type { Run } from "../load/measure-run.ts";
import { median } from "./median.ts";
import { summarise, tableOf } from "./summary.ts";

const run = (perSecond: number, serverCpuMs: number): Run => ({
  count: 1,
  seconds: 1,
  perSecond,
  serverCpuMs,
  cpuMsByName: { server: serverCpuMs },
  loadCpuMs: 0.5,
});

it("takes the median of the rounds' ratios, not the ratio of medians", () => {
  const rounds = [
    { product: run(10, 4), peer: run(20, 1) },
    { product: run(90, 4), peer: run(100, 3) },
    { product: run(50, 4), peer: run(200, 2) },
  ];
  const summary = summarise({ name: "x", peer: "y", bar: 0.4, concurrency: 8, rounds });
  assert.deepEqual(summary.rateRatio, { median: 0.5, least: 0.25, most: 0.9 });
  assert.deepEqual(summary.cpuRatio, { median: 0.5, least: 0.25, most: 0.75 });
  assert.match(
    tableOf([summary]),
    /\| x \| y \| 0\.50 \(0\.25–0\.90\) \| 0\.50 \(0\.25–0\.75\) \| ≥ 0\.40 \|/,
  );
});

it("takes the mean of the two in the middle of an even number, and refuses none", () => {
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.throws(() => median([]), RangeError);
});
