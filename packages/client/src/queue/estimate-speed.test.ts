import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { addSample, type SpeedEstimate, speedOf } from "./estimate-speed.ts";

type Sample = readonly [atMs: number, doneBytes: number];

const estimateOf = (samples: readonly Sample[]): SpeedEstimate | undefined =>
  samples.reduce<SpeedEstimate | undefined>(
    (before, [atMs, bytes]) => addSample(before, atMs, bytes),
    undefined,
  );

/** Each report of a run that is sampled so often. */
function reportsOf(untilMs: number, everyMs: number, doneBytes: (atMs: number) => number, fromMs = 0) {
  let estimate: SpeedEstimate | undefined;
  const reports: { readonly atMs: number; readonly bytesPerSecond: number }[] = [];
  for (let atMs = 0; atMs <= untilMs; atMs += everyMs) {
    estimate = addSample(estimate, atMs, doneBytes(atMs));
    const { bytesPerSecond } = speedOf(estimate, atMs, 0);
    if (bytesPerSecond !== undefined && atMs >= fromMs) reports.push({ atMs, bytesPerSecond });
  }
  return reports;
}

const isAbout = (actual: number | undefined, expected: number, share: number): void =>
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= expected * share + 1e-9,
    `${actual} is not ${expected} ± ${share * 100} %`,
  );

test("tells a steady speed exactly, however often and unevenly it looks", () => {
  const steps = fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 2, maxLength: 60 });
  fc.assert(
    fc.property(
      steps,
      fc.integer({ min: 1, max: 10 ** 6 }),
      fc.integer({ min: 0 }),
      (stepsMs, perMs, fromMs) => {
        let atMs = fromMs;
        const samples: Sample[] = [[atMs, 0]];
        for (const stepMs of stepsMs) {
          atMs += stepMs;
          samples.push([atMs, (atMs - fromMs) * perMs]);
        }
        const { bytesPerSecond, secondsLeft } = speedOf(estimateOf(samples), atMs, perMs * 5000);
        if (atMs - fromMs < 2000) return assert.equal(bytesPerSecond, undefined);
        isAbout(bytesPerSecond, perMs * 1000, 1e-6);
        isAbout(secondsLeft, 5, 1e-6);
      },
    ),
  );
});

test("says only what can be true, whatever it is told", () => {
  const samples = fc.array(fc.tuple(fc.nat(5000), fc.nat(10 ** 12)));
  fc.assert(
    fc.property(samples, fc.nat(10 ** 12), fc.nat(10 ** 6), (steps, leftBytes, laterMs) => {
      let atMs = 0;
      const told = steps.map(([stepMs, doneBytes]): Sample => {
        atMs += stepMs;
        return [atMs, doneBytes];
      });
      const { bytesPerSecond, secondsLeft } = speedOf(estimateOf(told), atMs + laterMs, leftBytes);
      if (bytesPerSecond !== undefined)
        assert.ok(Number.isFinite(bytesPerSecond) && bytesPerSecond >= 0, `${bytesPerSecond}`);
      if (secondsLeft !== undefined)
        assert.ok(Number.isFinite(secondsLeft) && secondsLeft >= 0, `${secondsLeft}`);
    }),
  );
});

test("says nothing before two seconds, and nothing where nothing has gone yet", () => {
  assert.equal(speedOf(undefined, 0, 1).bytesPerSecond, undefined);
  assert.equal(
    speedOf(
      estimateOf([
        [0, 0],
        [1900, 10 ** 6],
      ]),
      1900,
      1,
    ).bytesPerSecond,
    undefined,
  );
  assert.equal(
    speedOf(
      estimateOf([
        [0, 0],
        [5000, 0],
      ]),
      5000,
      1,
    ).bytesPerSecond,
    undefined,
  );
  // What an earlier run had sent is no speed.
  assert.equal(
    speedOf(
      estimateOf([
        [0, 10 ** 9],
        [3000, 10 ** 9],
      ]),
      3000,
      1,
    ).bytesPerSecond,
    undefined,
  );
});

test("says no time where the only bytes have come this very moment", () => {
  const estimate = estimateOf([
    [0, 0],
    [2000, 0],
    [2000, 1],
  ]);
  assert.deepEqual(speedOf(estimate, 2000, 0), { bytesPerSecond: 0, secondsLeft: undefined });
});

test("does not jump where bytes come in lumps", () => {
  // 8 MB every 2 s.
  const reports = reportsOf(60_000, 100, (atMs) => Math.floor(atMs / 2000) * 8_000_000, 10_000);
  for (const [index, { atMs, bytesPerSecond }] of reports.entries()) {
    isAbout(bytesPerSecond, 4_000_000, atMs < 20_000 ? 0.3 : 0.1);
    const before = reports[index - 1];
    if (before) isAbout(bytesPerSecond, before.bytesPerSecond, 0.02);
  }
});

test("follows a network that has become slower within half a minute, without a jump", () => {
  const reports = reportsOf(
    60_000,
    100,
    (atMs) => Math.min(atMs, 30_000) * 1000 + Math.max(0, atMs - 30_000) * 100,
    30_000,
  );
  for (const [index, { bytesPerSecond }] of reports.entries())
    assert.ok(bytesPerSecond <= (reports[index - 1]?.bytesPerSecond ?? 1_000_001), "only down");
  isAbout(reports[50]?.bytesPerSecond, 700_000, 0.25);
  isAbout(reports.at(-1)?.bytesPerSecond, 100_000, 0.5);
});

test("says 0, and no time, where nothing has moved for ten seconds, and measures afresh after that", () => {
  const steady = Array.from({ length: 11 }, (_, second): Sample => [second * 1000, second * 1000]);
  const stopped = estimateOf([...steady, [19_000, 10_000]]);
  assert.notEqual(speedOf(stopped, 19_900, 5000).bytesPerSecond, 0);
  assert.deepEqual(speedOf(stopped, 20_000, 5000), { bytesPerSecond: 0, secondsLeft: undefined });
  const moving = [60_000, 61_000, 62_000].map((atMs): Sample => [atMs, 10_000 + (atMs - 59_000)]);
  assert.equal(speedOf(estimateOf([...steady, ...moving.slice(0, 2)]), 61_000, 1).bytesPerSecond, undefined);
  isAbout(speedOf(estimateOf([...steady, ...moving]), 62_000, 1).bytesPerSecond, 1000, 1e-6);
});

test("counts what is sent again where it was lost", () => {
  const samples = Array.from({ length: 20 }, (_, second): Sample => {
    const lost = second >= 10 ? 4000 : 0;
    return [second * 1000, second * 1000 - lost];
  });
  const { bytesPerSecond } = speedOf(estimateOf(samples), 19_000, 1);
  // The second in which they were lost counts as one in which nothing went.
  isAbout(bytesPerSecond, 1000, 0.1);
});
