import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultProfile, documentLimitBytes } from "../profile.ts";
import { decideIntent, type FileIntent } from "./decide-intent.ts";

const profiles = new Map([[defaultProfile.name, defaultProfile]]);
const photo: FileIntent = {
  name: "a.jpg",
  sizeBytes: 1000,
  contentType: "image/jpeg",
  sha256: "ab".repeat(32),
};

const refusalOf = (intent: FileIntent) => {
  const decision = decideIntent(profiles, intent);
  return decision.accepted ? undefined : decision.refusal;
};

test("a photograph within the limits is taken", () => {
  assert.equal(refusalOf(photo), undefined);
  assert.equal(refusalOf({ ...photo, sizeBytes: documentLimitBytes }), undefined);
});

for (const [what, change, code, member] of [
  ["one byte over the limit", { sizeBytes: documentLimitBytes + 1 }, "file-too-large", "sizeBytes"],
  ["a type that the profile does not list", { contentType: "text/html" }, "type-not-allowed", "contentType"],
  [
    "the name of a prototype's member as a type",
    { contentType: "constructor" },
    "type-not-allowed",
    "contentType",
  ],
  ["an empty file", { sizeBytes: 0 }, "validation-failed", "sizeBytes"],
  ["a file without its digest", { sha256: undefined }, "validation-failed", "sha256"],
  ["a profile that does not exist", { profile: "__proto__" }, "validation-failed", "profile"],
] as const)
  test(`refuses ${what}, naming the member`, () => {
    const refusal = refusalOf({ ...photo, ...change });
    assert.equal(refusal?.code, code);
    assert.equal(refusal?.member, member);
  });
