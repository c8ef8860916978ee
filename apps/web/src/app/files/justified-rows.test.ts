import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type GridMeasures, type GridRow, justifyRows } from "./justified-rows.ts";

const shape = fc.record({
  ratio: fc.double({ min: 0.05, max: 20, noNaN: true }),
  group: fc.constantFrom("Today", "Yesterday", "May 2026"),
});
const measures: fc.Arbitrary<GridMeasures> = fc.record({
  width: fc.integer({ min: 280, max: 3840 }),
  rowHeight: fc.integer({ min: 90, max: 260 }),
  gap: fc.integer({ min: 2, max: 12 }),
  headingHeight: fc.constant(56),
});
/** Groups come one after the other, as the list is sorted by them. */
const shapes = fc
  .array(shape, { maxLength: 120 })
  .map((list) => [...list].sort((one, other) => one.group.localeCompare(other.group)));

const tilesOf = (rows: readonly GridRow[]) => rows.flatMap((row) => (row.kind === "tiles" ? row.tiles : []));

test("every file is there once, in its order", () => {
  fc.assert(
    fc.property(shapes, measures, (list, given) => {
      const indexes = tilesOf(justifyRows(list, given)).map(({ index }) => index);
      assert.deepEqual(indexes, [...list.keys()]);
    }),
  );
});

test("no tile leaves the width or overlaps its neighbour", () => {
  fc.assert(
    fc.property(shapes, measures, (list, given) => {
      for (const row of justifyRows(list, given)) {
        if (row.kind !== "tiles") continue;
        let end = -given.gap;
        for (const { left, width } of row.tiles) {
          assert.ok(left >= end + given.gap - 0.001, "apart from the one before");
          assert.ok(width > 0);
          end = left + width;
        }
        assert.ok(end <= given.width + 0.001, `${end} in ${given.width}`);
      }
    }),
  );
});

test("all rows but the last of a group are filled to the edge", () => {
  fc.assert(
    fc.property(shapes, measures, (list, given) => {
      const rows = justifyRows(list, given);
      for (const [at, row] of rows.entries()) {
        if (row.kind !== "tiles" || rows[at + 1]?.kind !== "tiles") continue;
        const last = row.tiles.at(-1);
        assert.equal((last?.left ?? 0) + (last?.width ?? 0), given.width);
      }
    }),
  );
});

test("rows of photographs stay near the wished height", () => {
  const photos = Array.from({ length: 60 }, (_, n) => ({ ratio: n % 3 ? 1.5 : 0.67, group: "Today" }));
  for (const width of [358, 720, 1376, 2400])
    for (const row of justifyRows(photos, { width, rowHeight: 200, gap: 6, headingHeight: 56 })) {
      if (row.kind === "tiles") assert.ok(row.height > 110 && row.height < 320, `${row.height} in ${width}`);
    }
});

test("a single picture is not blown up to the width", () => {
  const [, row] = justifyRows([{ ratio: 1.5, group: "Today" }], {
    width: 1400,
    rowHeight: 200,
    gap: 6,
    headingHeight: 56,
  });
  assert.deepEqual(row, { kind: "tiles", height: 200, tiles: [{ index: 0, left: 0, width: 300 }] });
});

test("each group begins with its heading, and a heading stands once", () => {
  fc.assert(
    fc.property(shapes, measures, (list, given) => {
      const headings = justifyRows(list, given).flatMap((row) => (row.kind === "heading" ? [row.text] : []));
      assert.deepEqual(headings, [...new Set(list.map(({ group }) => group))]);
    }),
  );
});

test("without groups there are rows alone", () => {
  const rows = justifyRows([{ ratio: 1 }, { ratio: 1.5 }, { ratio: 0.7 }], {
    width: 400,
    rowHeight: 100,
    gap: 4,
    headingHeight: 50,
  });
  assert.ok(rows.length > 0);
  assert.ok(rows.every(({ kind }) => kind === "tiles"));
});
