import assert from "node:assert/strict";
import { test } from "node:test";
import { UsageError } from "../command.ts";
import { parseLinkEnd } from "./parse-link-end.ts";

const nowMs = Date.parse("2026-01-01T00:00:00Z");

test("an end is so long from now, or a time", () => {
  for (const [text, end] of [
    ["30m", "2026-01-01T00:30:00.000Z"],
    ["12h", "2026-01-01T12:00:00.000Z"],
    ["7d", "2026-01-08T00:00:00.000Z"],
    ["2026-12-24T18:00:00Z", "2026-12-24T18:00:00.000Z"],
    ["2026-12-24T18:00+01:00", "2026-12-24T17:00:00.000Z"],
  ] as const)
    assert.equal(parseLinkEnd(text, nowMs), end);
});

for (const text of [
  "",
  "7",
  "d",
  "-1d",
  "1.5h",
  "7 d",
  "7w",
  "tomorrow",
  "2026-12-24",
  "2026-13-01T00:00:00Z",
  "9999999d",
])
  test(`${JSON.stringify(text)} is no end`, () => {
    assert.throws(() => parseLinkEnd(text, nowMs), UsageError);
  });
