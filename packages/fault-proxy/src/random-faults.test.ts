import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Fault, faultKinds } from "./fault.ts";
import { randomFaults } from "./random-faults.ts";
import type { Decide, ProxiedRequest } from "./start-fault-proxy.ts";

const requestAt = (index: number, more: Partial<ProxiedRequest> = {}): ProxiedRequest => ({
  index,
  proxy: "api",
  speaks: "api",
  method: "PUT",
  path: "/",
  headers: {},
  bodyBytes: 1000,
  ...more,
});

const many = 20_000;
const planOf = (decide: Decide, more: Partial<ProxiedRequest> = {}) =>
  Array.from({ length: many }, (_, index) => decide(requestAt(index, more)));
const kindOf = (fault: ReturnType<Decide>): string | undefined =>
  typeof fault === "string" ? fault : fault?.kind;

test("the same seed is the same plan, whatever the requests are asked for in between", () => {
  fc.assert(
    fc.property(fc.nat(), fc.nat({ max: 5000 }), (seed, index) => {
      const one = randomFaults({ rate: 0.3, seed });
      const other = randomFaults({ rate: 0.3, seed });
      other(requestAt(index + 1));
      assert.deepEqual(one(requestAt(index)), other(requestAt(index)));
    }),
  );
});

test("another seed, and another proxy, have another plan", () => {
  const plan = planOf(randomFaults({ rate: 0.3, seed: 1 }));
  assert.notDeepEqual(plan, planOf(randomFaults({ rate: 0.3, seed: 2 })));
  assert.notDeepEqual(plan, planOf(randomFaults({ rate: 0.3, seed: 1 }), { proxy: "bucket" }));
});

test("as many requests as the rate says meet a fault, each kind as many as the others", () => {
  const faults = planOf(randomFaults({ rate: 0.05, seed: 1 }), { speaks: "s3" }).filter(Boolean);
  assert.ok(Math.abs(faults.length / many - 0.05) < 0.006, `${faults.length} of ${many}`);
  for (const kind of faultKinds) {
    const share = faults.filter((fault) => kindOf(fault) === kind).length / faults.length;
    assert.ok(Math.abs(share - 1 / faultKinds.length) < 0.035, `${kind}: ${share}`);
  }
});

test("an API's requests never expire, and bodies break within themselves", () => {
  for (const fault of planOf(randomFaults({ rate: 1, seed: 3 })) as Fault[]) {
    assert.notEqual(fault.kind, "expired");
    if (fault.kind === "reset" || fault.kind === "stall") {
      const { afterBytes = -1 } = fault;
      assert.ok(afterBytes >= 0 && afterBytes < 1000);
    }
  }
});

test("only the kinds that were asked for come, at their rate of bytes", () => {
  const decide = randomFaults({ rate: 1, seed: 4, kinds: ["slow", "drop"], bytesPerSecond: 10 });
  const plan = planOf(decide);
  assert.deepEqual(new Set(plan.map(kindOf)), new Set(["slow", "drop"]));
  assert.ok(
    plan.some((fault) => typeof fault === "object" && fault.kind === "slow" && fault.bytesPerSecond === 10),
  );
});

test("refuses a rate that is none, and no kinds", () => {
  for (const rate of [-0.1, 1.1, Number.NaN])
    assert.throws(() => randomFaults({ rate, seed: 1 }), RangeError);
  assert.throws(() => randomFaults({ rate: 0.1, seed: 1, kinds: [] }), RangeError);
});
