import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { maxArchivePartBytes, maxEntriesPerPart } from "./archive.ts";
import { cutParts } from "./cut-parts.ts";

test("keeps every entry, in order, in parts that are no larger than may be unless one entry is", () => {
  const sizes = fc.array(fc.integer({ min: 0, max: 5000 }), { maxLength: 60 });
  fc.assert(
    fc.property(sizes, (all) => {
      const entries = all.map((sizeBytes, index) => ({ name: `${index}.jpg`, sizeBytes }));
      const parts = cutParts(entries, 0, 8000);
      assert.deepEqual(parts.flat(), entries);
      for (const part of parts) {
        assert.ok(part.length > 0);
        const bytes = part.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
        assert.ok(part.length === 1 || bytes <= 8000);
      }
    }),
  );
});

test("bounds how many entries a part has, and leaves room for its lists below 4 GB", () => {
  const many = Array.from({ length: maxEntriesPerPart + 1 }, (_, index) => ({
    name: `${index}`,
    sizeBytes: 1,
  }));
  assert.deepEqual(
    cutParts(many).map(({ length }) => length),
    [maxEntriesPerPart, 1],
  );
  const half = { name: "film.mp4", sizeBytes: maxArchivePartBytes / 2 };
  assert.equal(cutParts([half, half]).length, 2);
});
