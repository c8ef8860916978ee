import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decidePace, type Pace, type PaceEvent, startPace } from "./adapt-concurrency.ts";
import { type LinkOptions, simulateLink } from "./testing/simulated-link.contract.ts";

const megabyte = 1_000_000;
const seeds = [1, 2, 3, 4, 5, 6];
const meanOf = (numbers: readonly number[]): number =>
  numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

/** Runs of three minutes, in parts of 8 MB at 2 MB/s each, where nothing else is said. */
const runsOf = (options: Partial<LinkOptions>) =>
  seeds.map((seed) =>
    simulateLink({
      concurrency: { min: 1, max: 16 },
      seconds: 180,
      seed,
      sizeBytes: 8 * megabyte,
      eachBytesPerSecond: 2 * megabyte,
      allBytesPerSecond: Number.MAX_SAFE_INTEGER,
      ...options,
    }),
  );
/** How many were under way on average in the last two minutes, over all runs. */
const settledOf = (options: Partial<LinkOptions>): number =>
  meanOf(runsOf(options).flatMap(({ limits }) => limits.slice(60)));

const events = fc.array(
  fc.record({
    stepMs: fc.nat(5000),
    doneBytes: fc.option(fc.nat(10 * megabyte), { nil: undefined, freq: 2 }),
    isFull: fc.boolean(),
  }),
  { maxLength: 200 },
);

function paceAfter(start: Pace, steps: readonly (Omit<PaceEvent, "atMs"> & { stepMs: number })[]): Pace[] {
  let atMs = 0;
  let pace = start;
  return steps.map(({ stepMs, ...event }) => {
    atMs += stepMs;
    pace = decidePace(pace, { ...event, atMs });
    return pace;
  });
}

test("lets at least as few and at most as many as it was told, whatever happens", () => {
  const bounds = fc.tuple(fc.integer({ min: 1, max: 64 }), fc.nat(63));
  fc.assert(
    fc.property(bounds, events, ([min, more], steps) => {
      const max = min + more;
      const start = startPace({ min, max });
      for (const { limit } of [start, ...paceAfter(start, steps)])
        assert.ok(Number.isInteger(limit) && limit >= min && limit <= max, `${limit}`);
    }),
  );
});

test("stays with a number", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 64 }), events, (count, steps) => {
      const start = startPace(count);
      for (const { limit } of [start, ...paceAfter(start, steps)]) assert.equal(limit, count);
    }),
  );
});

test("adds at most one at a time, and takes away more only after three failures in a row", () => {
  fc.assert(
    fc.property(events, (steps) => {
      const start = startPace({ min: 1, max: 16 });
      let before = start.limit;
      for (const [index, { limit }] of paceAfter(start, steps).entries()) {
        assert.ok(limit - before <= 1);
        const failed = steps
          .slice(Math.max(0, index - 2), index + 1)
          .filter(({ doneBytes }) => doneBytes === undefined);
        if (limit < before - 1) assert.ok(failed.length === 3 && limit === before >> 1);
        before = limit;
      }
    }),
  );
});

test("learns nothing of more where fewer are under way than may be", () => {
  fc.assert(
    fc.property(events, (steps) => {
      const idle = steps.map((step) => ({ ...step, doneBytes: step.doneBytes ?? 1, isFull: false }));
      for (const { limit } of paceAfter(startPace({ min: 1, max: 16 }), idle)) assert.equal(limit, 4);
    }),
  );
});

test("comes from four to eight and stays thereabouts where eight are as fast as it gets", () => {
  for (const sizeBytes of [8 * megabyte, megabyte]) {
    const link = { allBytesPerSecond: 16 * megabyte, sizeBytes };
    const settled = settledOf(link);
    assert.ok(settled >= 7 && settled <= 14, `${settled}`);
    for (const [index, run] of runsOf(link).entries()) {
      const fixed = runsOf({ ...link, concurrency: 4 })[index];
      assert.ok(run.arrivedBytes > 1.6 * (fixed?.arrivedBytes ?? 0), `${run.arrivedBytes}`);
    }
  }
});

test("goes up to what it may where each has a way of its own, and no further than useful where not", () => {
  assert.ok(settledOf({ sizeBytes: megabyte / 10 }) >= 15);
  assert.ok(settledOf({ allBytesPerSecond: 8 * megabyte }) <= 6);
  assert.ok(settledOf({ allBytesPerSecond: 2 * megabyte }) <= 6);
});

test("goes down on a link that breaks connections where more than two are open", () => {
  for (const sizeBytes of [8 * megabyte, megabyte]) {
    const link = { sizeBytes, failureShare: (underWay: number) => (underWay > 2 ? 0.5 : 0) };
    const settled = settledOf(link);
    assert.ok(settled <= 3, `${settled}`);
    for (const { arrivedBytes } of runsOf(link))
      assert.ok(arrivedBytes > 180 * 1.5 * megabyte, `${arrivedBytes}`);
  }
});

test("is not held down by failures that are not its doing", () => {
  const settled = settledOf({ failureShare: () => 0.05, sizeBytes: megabyte });
  assert.ok(settled >= 10, `${settled}`);
});

test("comes down to one while nothing arrives, and up again after that", () => {
  const runs = runsOf({
    failureShare: (_, second) => (second > 60 && second < 90 ? 1 : 0),
    sizeBytes: megabyte,
  });
  for (const { limits } of runs) {
    assert.ok(
      limits.slice(85, 90).every((limit) => limit === 1),
      `${limits}`,
    );
    assert.ok((limits.at(-1) ?? 0) >= 8, `${limits}`);
  }
});

test("takes what fails at once for one failure of the network", () => {
  let pace: Pace = { ...startPace({ min: 1, max: 16 }), limit: 16 };
  const fail = (count: number) => {
    for (let one = 0; one < count; one += 1)
      pace = decidePace(pace, { atMs: 1000, doneBytes: undefined, isFull: true });
    return pace.limit;
  };
  assert.equal(fail(16), 8);
  assert.equal(fail(16), 4);
});

test("stays at the most that it may where that was worth it", () => {
  let pace = startPace({ min: 1, max: 6 });
  const limits: number[] = [];
  for (let atMs = 0; atMs < 60_000; atMs += 1000 / pace.limit) {
    pace = decidePace(pace, { atMs, doneBytes: megabyte, isFull: true });
    limits.push(pace.limit);
  }
  assert.deepEqual(new Set(limits.slice(limits.indexOf(6))), new Set([6]));
});
