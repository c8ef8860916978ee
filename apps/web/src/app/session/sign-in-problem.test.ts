import assert from "node:assert/strict";
import { test } from "node:test";
import { signInProblemOf } from "./sign-in-problem.ts";

for (const code of ["failed", "expired", "refused", "unavailable"])
  test(`a sign-in that is ${code} is told in words`, () => {
    assert.ok(signInProblemOf(`?sign-in=${code}`)?.detail.endsWith("."));
  });

for (const search of ["", "?sign-in=", "?sign-in=toString", "?sign-in=__proto__", "?sign-in=<b>"])
  test(`nothing is said of ${search || "no query"}`, () => {
    assert.equal(signInProblemOf(search), undefined);
  });
