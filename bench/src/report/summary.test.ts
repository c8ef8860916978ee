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
  assert.partialDeepStrictEqual(summary, {
    rateRatio: { median: 0.5, least: 0.25, most: 0.9 },
    cpuRatio: { median: 0.5, least: 0.25, most: 0.75 },
    holds: true,
  });
  assert.match(
    tableOf([summary]),
    /\| x \| y \| 0\.50 \(0\.25–0\.90\) \| ≥ 0\.40 \| 0\.50 \(0\.25–0\.75\) \| {2}\| holds \|/,
  );
});

it("says that a bar does not hold by the median, of CPU as of the rate", () => {
  const rounds = [{ product: run(50, 4), peer: run(100, 2) }];
  const figure = { name: "x", peer: "y", concurrency: 8, rounds };
  const holds = (bars: object): unknown => {
    const summary = summarise({ ...figure, ...bars });
    return "holds" in summary ? summary.holds : "nothing is held to";
  };
  assert.equal(holds({}), "nothing is held to");
  assert.equal(holds({ bar: 0.5, cpuBar: 0.5 }), true);
  assert.equal(holds({ bar: 0.51, cpuBar: 0.5 }), false);
  assert.equal(holds({ bar: 0.5, cpuBar: 0.51 }), false);
});

it("takes an amount for as good as its median, which must not be more than its bar", () => {
  const amount = { name: "z", peer: "bare", unit: "MB", most: 5, amounts: [1, 9, 4] };
  const summary = summarise(amount);
  assert.partialDeepStrictEqual(summary, { amount: { median: 4, least: 1, most: 9 }, holds: true });
  assert.match(tableOf([summary]), /\| z \| bare \| 4\.00 \(1\.00–9\.00\) MB \| ≤ 5 MB \| holds \|/);
  assert.match(tableOf([summarise({ ...amount, most: 3 })]), /does \*\*not\*\* hold/);
});

it("takes the mean of the two in the middle of an even number, and refuses none", () => {
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.throws(() => median([]), RangeError);
});
