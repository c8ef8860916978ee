import assert from "node:assert/strict";
import { test } from "node:test";
import { dayGroup } from "./day-group.ts";

const now = new Date(2026, 2, 29, 12, 30);

for (const [added, expected] of [
  [new Date(2026, 2, 29, 0, 0), "Today"],
  [new Date(2026, 2, 29, 23, 59), "Today"],
  [new Date(2026, 2, 28, 23, 59), "Yesterday"],
  [new Date(2026, 2, 28, 0, 0), "Yesterday"],
  [new Date(2026, 2, 27), "Earlier this week"],
  [new Date(2026, 2, 23), "Earlier this week"],
  [new Date(2026, 2, 22), "March 2026"],
  [new Date(2025, 11, 31), "December 2025"],
] as const)
  test(`what was added on ${added.toDateString()} stands under "${expected}"`, () => {
    assert.equal(dayGroup(added, now), expected);
  });

test("a clock that is ahead of the server's makes nothing a file of tomorrow", () => {
  assert.equal(dayGroup(new Date(2026, 2, 30), now), "Today");
});
