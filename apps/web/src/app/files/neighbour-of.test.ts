import assert from "node:assert/strict";
import { test } from "node:test";
import { justifyRows } from "./justified-rows.ts";
import { neighbourOf } from "./neighbour-of.ts";

const rows = justifyRows(
  Array.from({ length: 7 }, (_, n) => ({ ratio: 1.5, group: n < 5 ? "Today" : "Yesterday" })),
  { width: 620, rowHeight: 100, gap: 10, headingHeight: 40 },
);

test("arrows lead along the list, and stop at its ends", () => {
  assert.equal(neighbourOf(rows, 0, "ArrowRight"), 1);
  assert.equal(neighbourOf(rows, 1, "ArrowLeft"), 0);
  assert.equal(neighbourOf(rows, 0, "ArrowLeft"), undefined);
  assert.equal(neighbourOf(rows, 6, "ArrowRight"), undefined);
  assert.equal(neighbourOf(rows, 3, "Home"), 0);
  assert.equal(neighbourOf(rows, 3, "End"), 6);
});

test("up and down lead to what lies above and below, over a heading too", () => {
  assert.equal(neighbourOf(rows, 0, "ArrowDown"), 4);
  assert.equal(neighbourOf(rows, 4, "ArrowUp"), 0);
  assert.equal(neighbourOf(rows, 4, "ArrowDown"), 5);
  assert.equal(neighbourOf(rows, 0, "ArrowUp"), undefined);
  assert.equal(neighbourOf(rows, 6, "ArrowDown"), undefined);
});

test("other keys lead nowhere", () => {
  assert.equal(neighbourOf(rows, 0, "Enter"), undefined);
});
