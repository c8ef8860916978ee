import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decideTry, type TryCount, type TryRule } from "./try-limit.ts";

const rule: TryRule = { free: 3, firstWaitSeconds: 10, longestWaitSeconds: 60, forgetSeconds: 600 };

/** Tries at once until one is refused; the waits that follow, each waited out. */
function waitsOf(tested: TryRule, tries: number): (number | undefined)[] {
  let nowMs = 1_000_000;
  let count: TryCount | undefined;
  return Array.from({ length: tries }, () => {
    let decision = decideTry(count, tested, nowMs);
    let waited: number | undefined = 0;
    if ("waitSeconds" in decision) {
      waited = decision.waitSeconds;
      if (waited === undefined) return undefined;
      nowMs += waited * 1000;
      decision = decideTry(count, tested, nowMs);
    }
    assert.ok("next" in decision);
    count = decision.next;
    return waited;
  });
}

test("so many tries are free, then each wait is twice the last, up to the longest", () => {
  assert.deepEqual(waitsOf(rule, 8), [0, 0, 0, 10, 20, 40, 60, 60]);
});

test("after the most there is no wait that helps", () => {
  assert.deepEqual(waitsOf({ ...rule, firstWaitSeconds: 0, longestWaitSeconds: 0, most: 4 }, 6), [
    0,
    0,
    0,
    0,
    undefined,
    undefined,
  ]);
});

test("all is forgotten so long after the last try, or after the first of a window", () => {
  const window = { ...rule, isWindow: true };
  for (const [tested, lastCount] of [
    [rule, 3],
    [window, 1],
  ] as const) {
    let count: TryCount | undefined;
    for (const atMs of [0, 400_000, 700_000]) {
      const decision = decideTry(count, tested, atMs);
      assert.ok("next" in decision);
      count = decision.next;
    }
    assert.equal(count?.count, lastCount);
  }
});

test("whoever tries as fast as the rule lets them never gets more through than it says", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 200 }),
      fc.boolean(),
      (pausesMs, isClockSetBack) => {
        let nowMs = 10_000_000;
        let count: TryCount | undefined;
        const let_through: number[] = [];
        for (const pauseMs of pausesMs) {
          nowMs += pauseMs;
          const decision = decideTry(count, rule, nowMs);
          if (!("next" in decision)) {
            assert.ok((decision.waitSeconds ?? 0) >= 1);
            assert.ok((decision.waitSeconds ?? 0) <= rule.longestWaitSeconds);
            if (isClockSetBack) {
              const earlier = decideTry(count, rule, nowMs - 5_000_000);
              assert.ok("waitSeconds" in earlier && (earlier.waitSeconds ?? 0) <= rule.longestWaitSeconds);
            }
            continue;
          }
          count = decision.next;
          let_through.push(nowMs);
        }
        // In no minute do more than the free ones and those after waits of 10, 20 and 40 seconds come through.
        for (const from of let_through)
          assert.ok(let_through.filter((at) => at >= from && at < from + 60_000).length <= rule.free + 3);
      },
    ),
  );
});
