import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type GridLayout, type GridMeasures, justifyRows, rowAt, rowOf, tilesOf } from "./justified-rows.ts";

const shape = fc.record({
  ratio: fc.double({ min: 0.05, max: 20, noNaN: true }),
  section: fc.constantFrom("Today", "Yesterday", "May 2026"),
});
const measures: fc.Arbitrary<GridMeasures> = fc.record({
  width: fc.integer({ min: 280, max: 3840 }),
  rowHeight: fc.integer({ min: 90, max: 260 }),
  gap: fc.integer({ min: 2, max: 12 }),
  sectionHeight: fc.constant(56),
});
/** Sections come one after the other, as the list is sorted by them. */
const shapes = fc
  .array(shape, { maxLength: 120 })
  .map((list) => [...list].sort((one, other) => one.section.localeCompare(other.section)));

const tilesIn = (layout: GridLayout) =>
  layout.rows.flatMap((row) => (row.kind === "tiles" ? [tilesOf(layout, row)] : []));

test("every item is in one row, in its order", () => {
  fc.assert(
    fc.property(shapes, measures, (list, given) => {
      const indexes = tilesIn(justifyRows(list, given)).flatMap((row) => row.map(({ index }) => index));
      assert.deepEqual(indexes, [...list.keys()]);
    }),
  );
});

test("no tile leaves the width or overlaps its neighbour", () => {
  fc.assert(
    fc.property(shapes, measures, (list, given) => {
      for (const row of tilesIn(justifyRows(list, given))) {
        let end = -given.gap;
        for (const { start, width } of row) {
          assert.ok(start >= end + given.gap - 0.001, "apart from the one before");
          assert.ok(width > 0);
          end = start + width;
        }
        assert.ok(end <= given.width + 0.001, `${end} in ${given.width}`);
      }
    }),
  );
});

test("all rows but the last of a section are filled to the edge", () => {
  fc.assert(
    fc.property(shapes, measures, (list, given) => {
      const layout = justifyRows(list, given);
      for (const [at, row] of layout.rows.entries()) {
        if (row.kind !== "tiles" || layout.rows[at + 1]?.kind !== "tiles") continue;
        const last = tilesOf(layout, row).at(-1);
        assert.equal((last?.start ?? 0) + (last?.width ?? 0), given.width);
      }
    }),
  );
});

test("rows follow each other a gap apart, down to the grid's height", () => {
  fc.assert(
    fc.property(shapes, measures, (list, given) => {
      const { rows, height } = justifyRows(list, given);
      let bottom = -given.gap;
      for (const row of rows) {
        assert.equal(row.top, bottom + given.gap);
        bottom = row.top + row.height;
      }
      assert.equal(height, Math.max(0, bottom));
    }),
  );
});

test("rows of photographs stay near the wished height", () => {
  const photos = Array.from({ length: 60 }, (_, n) => ({ ratio: n % 3 ? 1.5 : 0.67, section: "Today" }));
  for (const width of [358, 720, 1376, 2400])
    for (const row of justifyRows(photos, { width, rowHeight: 200, gap: 6, sectionHeight: 56 }).rows) {
      if (row.kind === "tiles") assert.ok(row.height > 110 && row.height < 320, `${row.height} in ${width}`);
    }
});

test("a single picture is not blown up to the width", () => {
  const layout = justifyRows([{ ratio: 1.5, section: "Today" }], {
    width: 1400,
    rowHeight: 200,
    gap: 6,
    sectionHeight: 56,
  });
  assert.deepEqual(tilesIn(layout), [[{ index: 0, start: 0, width: 300 }]]);
  assert.equal(layout.rows[1]?.height, 200);
});

test("each section begins with its heading, and a heading stands once", () => {
  fc.assert(
    fc.property(shapes, measures, (list, given) => {
      const { rows } = justifyRows(list, given);
      const headings = rows.flatMap((row) => (row.kind === "section" ? [row.text] : []));
      assert.deepEqual(headings, [...new Set(list.map(({ section }) => section))]);
    }),
  );
});

test("without sections there are rows alone", () => {
  const { rows } = justifyRows([{ ratio: 1 }, { ratio: 1.5 }, { ratio: 0.7 }], {
    width: 400,
    rowHeight: 100,
    gap: 4,
    sectionHeight: 50,
  });
  assert.ok(rows.length > 0);
  assert.ok(rows.every(({ kind }) => kind === "tiles"));
});

test("what is laid out upon a former layout comes out as if from the beginning, whatever has changed", () => {
  const change = fc.record({
    at: fc.nat(120),
    gone: fc.nat(10),
    come: fc.array(shape, { maxLength: 10 }),
    isOpenEnded: fc.boolean(),
    measures: fc.option(measures, { nil: undefined, freq: 5 }),
  });
  fc.assert(
    fc.property(shapes, measures, fc.array(change, { maxLength: 8 }), (list, given, changes) => {
      let now = list;
      let latest = given;
      let layout = justifyRows(now, latest);
      for (const { at, gone, come, isOpenEnded, ...other } of changes) {
        now = now.toSpliced(at, gone, ...come);
        latest = other.measures ?? latest;
        layout = justifyRows(now, latest, { isOpenEnded, previous: layout });
        assert.deepEqual(layout, justifyRows(now, latest, { isOpenEnded }));
      }
    }),
  );
});

test("a picture of a list that goes on does not move when more come", () => {
  fc.assert(
    fc.property(shapes, measures, fc.array(shape), (list, given, come) => {
      const before = justifyRows(list, given, { isOpenEnded: true });
      fc.pre(before.rows.length > 2);
      const after = justifyRows([...list, ...come], given, { previous: before });
      assert.deepEqual(after.rows.slice(0, before.rows.length), before.rows);
    }),
  );
});

test("finds the row of an item and of a height", () => {
  fc.assert(
    fc.property(shapes, measures, fc.integer({ min: -500, max: 60_000 }), (list, given, y) => {
      const layout = justifyRows(list, given);
      for (const index of list.keys()) {
        const row = layout.rows[rowOf(layout, index)];
        assert.ok(row?.kind === "tiles" && row.first <= index && index < row.end);
      }
      assert.equal(rowOf(layout, list.length), -1);
      assert.equal(rowOf(layout, -1), -1);
      const row = layout.rows[rowAt(layout, y)];
      if (!row) return;
      const before = layout.rows[rowAt(layout, y) - 1];
      assert.ok(row.top + row.height > y || row === layout.rows.at(-1));
      assert.ok(!before || before.top + before.height <= y);
    }),
  );
});
