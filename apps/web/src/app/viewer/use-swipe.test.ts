import assert from "node:assert/strict";
import { test } from "node:test";
import { swipeOf } from "./use-swipe.ts";

for (const [dx, dy, expected] of [
  [-80, 10, "left"],
  [80, -30, "right"],
  [20, 140, "down"],
  [0, -200, undefined],
  [40, 0, undefined],
  [80, 80, undefined],
  [0, 90, undefined],
] as const)
  test(`a finger that went ${dx}, ${dy} means ${expected ?? "nothing"}`, () => {
    assert.equal(swipeOf(dx, dy), expected);
  });
