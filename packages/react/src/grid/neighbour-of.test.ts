import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { justifyRows } from "./justified-rows.ts";
import { type Direction, neighbourOf } from "./neighbour-of.ts";

const layout = justifyRows(
  Array.from({ length: 7 }, (_, n) => ({ ratio: 1.5, section: n < 5 ? "Today" : "Yesterday" })),
  { width: 620, rowHeight: 100, gap: 10, sectionHeight: 40 },
);
const neighbour = (index: number, key: string, direction: Partial<Direction> = {}) =>
  neighbourOf(layout, index, key, { pageHeight: 400, isRightToLeft: false, ...direction });

test("arrows lead along the list, and stop at its ends", () => {
  assert.equal(neighbour(0, "ArrowRight"), 1);
  assert.equal(neighbour(1, "ArrowLeft"), 0);
  assert.equal(neighbour(0, "ArrowLeft"), undefined);
  assert.equal(neighbour(6, "ArrowRight"), undefined);
  assert.equal(neighbour(3, "Home"), 0);
  assert.equal(neighbour(3, "End"), 6);
});

test("where text runs from right to left, the left arrow leads on", () => {
  assert.equal(neighbour(1, "ArrowLeft", { isRightToLeft: true }), 2);
  assert.equal(neighbour(1, "ArrowRight", { isRightToLeft: true }), 0);
});

test("up and down lead to what lies above and below, over a heading too", () => {
  assert.equal(neighbour(0, "ArrowDown"), 4);
  assert.equal(neighbour(4, "ArrowUp"), 0);
  assert.equal(neighbour(4, "ArrowDown"), 5);
  assert.equal(neighbour(0, "ArrowUp"), undefined);
  assert.equal(neighbour(6, "ArrowDown"), undefined);
});

test("a page leads by its height, one row at least, and to the first or last row where that is nearer", () => {
  assert.equal(neighbour(0, "PageDown"), 5);
  assert.equal(neighbour(5, "PageUp"), 0);
  assert.equal(neighbour(0, "PageDown", { pageHeight: 10 }), 4);
  assert.equal(neighbour(4, "PageUp", { pageHeight: 10 }), 0);
  assert.equal(neighbour(1, "PageUp"), undefined);
  assert.equal(neighbour(6, "PageDown"), undefined);
});

test("other keys lead nowhere", () => {
  assert.equal(neighbour(0, "Enter"), undefined);
});

test("whatever is laid out, each key leads to an item, and down and up again to its row", () => {
  const shapes = fc.array(
    fc.record({ ratio: fc.double({ min: 0.3, max: 3, noNaN: true }), section: fc.constantFrom("a", "b") }),
    { minLength: 1, maxLength: 60 },
  );
  const key = fc.constantFrom("ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", "ArrowLeft");
  fc.assert(
    fc.property(shapes, fc.nat(), key, fc.nat(2000), (list, at, pressed, pageHeight) => {
      const any = justifyRows(list, { width: 500, rowHeight: 120, gap: 6, sectionHeight: 40 });
      const index = at % list.length;
      const to = neighbourOf(any, index, pressed, { pageHeight, isRightToLeft: false });
      if (to === undefined) return;
      assert.ok(to >= 0 && to < list.length);
      if (/Down/.test(pressed)) assert.ok(to > index);
      if (/Up/.test(pressed)) assert.ok(to < index);
    }),
  );
});
