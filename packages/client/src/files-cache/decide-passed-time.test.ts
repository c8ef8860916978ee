import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isExpired } from "./decide-expiry.ts";
import { decidePassedTime, type PassedTime } from "./decide-passed-time.ts";

/** What happens to a device: time passes, with a program that runs or none, or somebody sets its clock. */
const happening = fc.oneof(
  fc.record({ kind: fc.constant("runs" as const), ms: fc.nat(10_000) }),
  fc.record({ kind: fc.constant("is off" as const), ms: fc.nat(10_000) }),
  fc.record({ kind: fc.constant("is set" as const), ms: fc.integer({ min: -100_000, max: 100_000 }) }),
);

interface Device {
  readonly told: PassedTime;
  readonly wallMs: number;
}

test("time that passes while a program runs is counted, however the clock is set meanwhile, and none is given back", () => {
  fc.assert(
    fc.property(fc.array(happening, { maxLength: 30 }), (happenings) => {
      let { told, wallMs }: Device = { told: decidePassedTime(undefined, 0, 0), wallMs: 0 };
      let ranMs = 0;
      let anchor = { passedMs: 0, ranMs: 0 };
      for (const { kind, ms } of happenings) {
        wallMs += ms;
        if (kind === "runs") ranMs += ms;
        const before = told.passedMs;
        if (kind === "is off") {
          told = decidePassedTime(told, wallMs, 0);
          anchor = { passedMs: told.passedMs, ranMs };
        } else told = decidePassedTime(told, wallMs, anchor.passedMs + ranMs - anchor.ranMs);
        assert.ok(told.passedMs >= before, "time went back");
        assert.ok(told.passedMs >= ranMs, "time that was seen to pass does not count");
      }
    }),
    { numRuns: 500 },
  );
});

test("a clock that is never set back lets nothing be read for longer than its time", () => {
  fc.assert(
    fc.property(
      fc.array(
        happening.filter(({ ms }) => ms >= 0),
        { maxLength: 30 },
      ),
      fc.integer({ min: 1, max: 50_000 }),
      (happenings, ttlMs) => {
        let { told, wallMs }: Device = { told: decidePassedTime(undefined, 0, 0), wallMs: 0 };
        let passedMs = 0;
        for (const { kind, ms } of happenings) {
          wallMs += ms;
          if (kind !== "is set") passedMs += ms;
          told = decidePassedTime(told, wallMs, 0);
          if (passedMs >= ttlMs) assert.ok(isExpired({ checkedAtMs: 0, ttlMs }, told.passedMs));
        }
      },
    ),
    { numRuns: 500 },
  );
});

test("a clock that is set back is counted from there, so that it does not stand still until it has caught up", () => {
  let told = decidePassedTime(undefined, 1_000_000, 0);
  told = decidePassedTime(told, 400_000, 0);
  assert.equal(told.passedMs, 0);
  told = decidePassedTime(told, 401_000, 0);
  assert.equal(told.passedMs, 1000);
});
