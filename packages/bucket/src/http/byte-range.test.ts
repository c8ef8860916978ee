import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decideRange } from "./byte-range.ts";

test("one range is cut to the object", () => {
  assert.deepEqual(decideRange("bytes=0-0", 10), { start: 0, end: 1 });
  assert.deepEqual(decideRange("bytes=2-5", 10), { start: 2, end: 6 });
  assert.deepEqual(decideRange("bytes=2-", 10), { start: 2, end: 10 });
  assert.deepEqual(decideRange("bytes=-3", 10), { start: 7, end: 10 });
  assert.deepEqual(decideRange("bytes=-30", 10), { start: 0, end: 10 });
  assert.deepEqual(decideRange("bytes=9-99999999999999999999", 10), { start: 9, end: 10 });
});

test("a range without a byte of the object is unsatisfiable", () => {
  for (const header of ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99999999999999999999-"])
    assert.equal(decideRange(header, 10), "unsatisfiable");
  for (const header of ["bytes=0-", "bytes=0-0", "bytes=-5"])
    assert.equal(decideRange(header, 0), "unsatisfiable");
});

test("what is no single range of bytes is ignored", () => {
  for (const header of [
    undefined,
    "",
    "bytes=",
    "bytes=-",
    "bytes=5-2",
    "bytes=a-b",
    "bytes=0-1,3-4",
    "lines=0-1",
  ])
    assert.equal(decideRange(header, 10), undefined);
});

test("whatever is asked, the answer lies within the object", () => {
  const bound = fc.oneof(fc.constant(""), fc.nat(200).map(String), fc.bigInt({ min: 0n }).map(String));
  fc.assert(
    fc.property(bound, bound, fc.nat(100), (first, last, sizeBytes) => {
      const range = decideRange(`bytes=${first}-${last}`, sizeBytes);
      if (range === undefined || range === "unsatisfiable") return;
      assert.ok(0 <= range.start && range.start < range.end && range.end <= sizeBytes);
    }),
  );
});
