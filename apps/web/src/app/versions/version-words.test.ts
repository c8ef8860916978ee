import assert from "node:assert/strict";
import { test } from "node:test";
import { type ProblemCode, ProblemError } from "@stowage/client";
import { conflictsWords, replacedWords, versionFailureWords } from "./version-words.ts";

const plan = { name: "plan.jpg" };
const ready = { state: "ready" } as const;

test("whoever sent a new version is told what became of it", () => {
  const words = (state: "current" | "superseded" | "conflict") =>
    replacedWords(plan, ready, { version: 3, state });
  assert.equal(words("current"), "plan.jpg is now version 3.");
  assert.match(words("conflict"), /changed elsewhere meanwhile.*kept beside it as version 3\.$/);
  assert.match(words("superseded"), /became version 3 of plan\.jpg, and was replaced since\.$/);
  assert.match(replacedWords(plan, { state: "trashed" }, { version: 3, state: "conflict" }), /in the trash/);
  assert.match(replacedWords(plan, ready, undefined), /deleted meanwhile.*a file of its own\.$/);
});

test("a file without conflicts has nothing to say of them", () => {
  assert.equal(conflictsWords({ conflicts: 0 }), undefined);
  assert.match(conflictsWords({ conflicts: 1 }) ?? "", /The other version is kept/);
  assert.match(conflictsWords({ conflicts: 2 }) ?? "", /2 versions are kept/);
});

test("what could not be done to a version is said with its reason", () => {
  const refused = (status: number, code: ProblemCode) =>
    new ProblemError({ type: "about:blank", title: "", status, code, detail: "The server's own words." });
  const words = (error: unknown) => versionFailureWords(error, plan, 2);
  assert.match(words(refused(412, "precondition-failed")), /nothing was done/);
  assert.equal(words(refused(404, "not-found")), "Version 2 of plan.jpg is no longer there.");
  assert.equal(words(refused(409, "file-not-ready")), "The server's own words.");
  assert.match(words(new Error("unknown")), /Your files are where they were\.$/);
});
