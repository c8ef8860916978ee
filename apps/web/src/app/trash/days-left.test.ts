import assert from "node:assert/strict";
import { test } from "node:test";
import { daysLeft } from "./days-left.ts";

const at = "2026-03-01T12:00:00Z";

for (const [now, expected] of [
  ["2026-03-01T12:00:00Z", "30 days left"],
  ["2026-03-02T11:00:00Z", "30 days left"],
  ["2026-03-30T13:00:00Z", "1 day left"],
  ["2026-03-31T12:00:00Z", "Deleted today"],
  ["2026-04-02T12:00:00Z", "Deleted today"],
] as const)
  test(`what was put into the trash on 1 March has on ${now}: ${expected}`, () => {
    assert.equal(daysLeft(at, new Date(now)), expected);
  });
