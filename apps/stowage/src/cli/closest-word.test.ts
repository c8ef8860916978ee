import assert from "node:assert/strict";
import { test } from "node:test";
import { closestWord } from "./closest-word.ts";

const words = ["put", "get", "ls", "rm", "config", "user add", "token"];

test("finds the word that was meant", () => {
  for (const [written, meant] of [
    ["putt", "put"],
    ["pt", "put"],
    ["gte", "get"],
    ["confgi", "config"],
    ["TOKEN", "token"],
    ["conf", "config"],
    ["user", "user add"],
  ] as const)
    assert.equal(closestWord(written, words), meant);
});

test("finds nothing where nothing is near", () => {
  for (const written of ["frobnicate", "", "x", "a".repeat(10_000)])
    assert.equal(closestWord(written, words), undefined);
});
