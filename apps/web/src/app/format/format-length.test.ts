import assert from "node:assert/strict";
import { test } from "node:test";
import { formatLength } from "./format-length.ts";

test("lengths are said as players say them", () => {
  for (const [seconds, said] of [
    [0.3, "0:00"],
    [7.2, "0:07"],
    [59.6, "1:00"],
    [754, "12:34"],
    [3723, "1:02:03"],
  ] as const)
    assert.equal(formatLength(seconds), said);
});
