import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { DelegationBounds } from "../delegation.ts";
import { isWithinBounds } from "../policy/decide-upload-access.ts";
import { applyBounds } from "./apply-bounds.ts";
import type { FileIntent } from "./decide-intent.ts";

const word = fc.constantFrom("x", "y");
const name = fc.constantFrom(
  ...Array.from({ length: 20 }, (_, index) => `k${index}`),
  "constructor",
  "toString",
);
const pairs = fc.dictionary(name, word, { maxKeys: 16 });
const some = { requiredKeys: [] };
const anyBounds: fc.Arbitrary<DelegationBounds> = fc.record(
  { profile: word, albumId: word, metadata: pairs },
  some,
);
const anyIntent: fc.Arbitrary<FileIntent> = fc
  .record({ profile: word, albumId: word, metadata: pairs }, some)
  .map((said) => ({ name: "a.jpg", sizeBytes: 1, contentType: "image/jpeg", ...said }));

const keysOf = (pairs: Readonly<Record<string, string>> = {}) => Object.keys(pairs);

test("a file is sent within the bounds and with all that its sender said, or refused by the member that contradicts them", () => {
  fc.assert(
    fc.property(anyBounds, anyIntent, (bounds, intent) => {
      const contradicts = (["profile", "albumId"] as const).filter(
        (member) => ![undefined, bounds[member]].includes(intent[member]) && bounds[member] !== undefined,
      );
      const asked = new Map(Object.entries(intent.metadata ?? {}));
      const wanted = Object.entries(bounds.metadata ?? {});
      const differs = wanted.some(([key, value]) => asked.has(key) && asked.get(key) !== value);
      const all = new Set([...asked.keys(), ...keysOf(bounds.metadata)]);
      const expected = [...contradicts, ...(differs || all.size > 16 ? ["metadata"] : [])];
      const result = applyBounds(bounds, intent);
      if ("refusal" in result) {
        assert.equal(result.refusal.member, expected[0]);
        return;
      }
      assert.deepEqual(expected, []);
      const { profile = "default", albumId, metadata = {}, ...rest } = result.intent;
      const sent = { profile, metadata, ...(albumId === undefined ? {} : { albumId }) };
      assert.ok(isWithinBounds(bounds, sent));
      assert.deepEqual(new Set(keysOf(metadata)), all);
      for (const [key, value] of asked) assert.equal(metadata[key], value);
      assert.deepEqual(rest, { name: "a.jpg", sizeBytes: 1, contentType: "image/jpeg" });
    }),
    { numRuns: 2000 },
  );
});
