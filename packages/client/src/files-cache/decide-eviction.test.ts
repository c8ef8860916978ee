import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decideEviction } from "./decide-eviction.ts";

const weighed = fc.record({ sizeBytes: fc.nat(50), readAtMs: fc.nat(20) });
const total = (rows: readonly { readonly sizeBytes: number }[]) =>
  rows.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

test("never keeps more than the budget, and lets go of nothing that was read later than what stays", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(fc.array(weighed, { maxLength: 12 }), weighed, fc.nat(200), (kept, incoming, budgetBytes) => {
      const decision = decideEviction(kept, incoming, budgetBytes);
      seen.add(decision.outcome);
      if (decision.outcome === "too-large") return assert.ok(incoming.sizeBytes > budgetBytes);
      // By identity: two rows may look alike.
      if (decision.outcome === "no-room") {
        const lately = kept.filter(({ readAtMs }) => readAtMs >= incoming.readAtMs);
        return assert.ok(total(lately) + incoming.sizeBytes > budgetBytes);
      }
      const { evicted } = decision;
      const stays = kept.filter((row) => !evicted.includes(row));
      assert.equal(new Set(evicted).size + stays.length, kept.length);
      assert.ok(total(stays) + incoming.sizeBytes <= budgetBytes);
      for (const gone of evicted) {
        assert.ok(gone.readAtMs < incoming.readAtMs);
        for (const row of stays) assert.ok(gone.readAtMs <= row.readAtMs);
      }
      const last = evicted.at(-1);
      if (last) assert.ok(total([...stays, last]) + incoming.sizeBytes > budgetBytes, "one went in vain");
    }),
    { numRuns: 500 },
  );
  assert.deepEqual([...seen].sort(), ["fits", "no-room", "too-large"]);
});
