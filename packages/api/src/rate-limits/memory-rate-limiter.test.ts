import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createMemoryRateLimiter } from "./memory-rate-limiter.ts";
import type { Allowance } from "./rate-limiter.ts";

function createAt(perMinute: number, maxKeys?: number) {
  let now = 1000;
  const limiter = createMemoryRateLimiter({
    perMinute,
    nowMs: () => now,
    ...(maxKeys === undefined ? {} : { maxKeys }),
  });
  const take = (key: string, points = 1): Allowance => {
    const taken = limiter.take(key, points);
    assert.ok(!(taken instanceof Promise), "memory answers at once");
    return taken;
  };
  return { take, advance: (ms: number) => (now += ms) };
}

test("grants each key as much a minute as may be, and everything again when its minute is over", () => {
  const { take, advance } = createAt(3);
  assert.deepEqual(take("ann", 2), { granted: true, remaining: 1, resetsInMs: 60_000 });
  advance(10_000);
  assert.deepEqual(take("ann"), { granted: true, remaining: 0, resetsInMs: 50_000 });
  assert.deepEqual(take("ann"), { granted: false, remaining: 0, resetsInMs: 50_000 });
  assert.deepEqual(take("bob"), { granted: true, remaining: 2, resetsInMs: 60_000 });
  advance(49_999);
  assert.equal(take("ann").granted, false);
  advance(1);
  assert.deepEqual(take("ann", 3), { granted: true, remaining: 0, resetsInMs: 60_000 });
});

test("what is refused spends nothing: less may be had still", () => {
  const { take } = createAt(3);
  assert.equal(take("ann", 4).granted, false);
  assert.equal(take("ann", 3).granted, true);
});

test("whatever comes when, no key gets more in a window than may be, and none is refused what is left", () => {
  const asks = fc.array(
    fc.record({
      key: fc.constantFrom("a", "b", "c"),
      points: fc.integer({ min: 1, max: 4 }),
      afterMs: fc.integer({ min: 0, max: 40_000 }),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), asks, (perMinute, asked) => {
      const { take, advance } = createAt(perMinute);
      const windows = new Map<string, { begun: number; taken: number }>();
      let at = 0;
      for (const { key, points, afterMs } of asked) {
        at += afterMs;
        advance(afterMs);
        const known = windows.get(key);
        const window = known && at < known.begun + 60_000 ? known : { begun: at, taken: 0 };
        const granted = window.taken + points <= perMinute;
        if (granted) window.taken += points;
        windows.set(key, window);
        assert.deepEqual(take(key, points), {
          granted,
          remaining: perMinute - window.taken,
          resetsInMs: window.begun + 60_000 - at,
        });
      }
    }),
  );
});

test("remembers no more keys than fit, and forgets those first whose minute ends first", () => {
  const { take, advance } = createAt(1, 3);
  for (const key of ["a", "b", "c"]) {
    take(key);
    advance(1);
  }
  assert.equal(take("a").granted, false);
  take("d");
  assert.equal(take("b").granted, false, "still remembered");
  assert.equal(take("a").granted, true, "forgotten for d");
});
