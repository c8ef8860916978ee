import assert from "node:assert/strict";
import { test } from "node:test";
import { decideKept } from "./decide-kept.ts";

const kept = { derivative: "original", version: 2, sha256: "aa" };
const file = { state: "ready", version: 2, sha256: "aa" } as const;

for (const [what, now, verdict] of [
  ["is as it was", file, "allowed"],
  ["can't be seen any more", undefined, "refused"],
  ["is in the trash", { ...file, state: "trashed" }, "refused"],
  ["is quarantined", { ...file, state: "quarantined" }, "refused"],
  ["has another version", { ...file, version: 3 }, "changed"],
  ["has an earlier version again", { ...file, version: 1 }, "changed"],
  ["is given out as other bytes", { ...file, sha256: "bb" }, "changed"],
  ["is given out as pictures alone", { state: "ready", version: 2 }, "changed"],
] as const)
  test(`a kept original of a file that ${what}: ${verdict}`, () =>
    assert.equal(decideKept(kept, now), verdict));

test("a kept thumbnail stays where others are given other bytes of the file itself", () => {
  assert.equal(decideKept({ ...kept, derivative: "thumbnail" }, { ...file, sha256: "bb" }), "allowed");
});
