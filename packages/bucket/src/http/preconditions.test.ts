import assert from "node:assert/strict";
import { test } from "node:test";
import { type Conditions, decidePreconditions, rangeApplies } from "./preconditions.ts";

const object = { etag: "abc", modifiedAtMs: Date.parse("2026-01-02T03:04:05.678Z") };
const exactly = "Fri, 02 Jan 2026 03:04:05 GMT";
const before = "Fri, 02 Jan 2026 03:04:04 GMT";

const cases: [string, Conditions, ReturnType<typeof decidePreconditions>][] = [
  ["no condition", {}, "proceed"],
  ["If-Match with the tag", { ifMatch: '"abc"' }, "proceed"],
  ["If-Match with a list", { ifMatch: '"x", "abc"' }, "proceed"],
  ["If-Match with *", { ifMatch: "*" }, "proceed"],
  ["If-Match with another tag", { ifMatch: '"x"' }, "failed"],
  ["If-Match with a weak tag", { ifMatch: 'W/"abc"' }, "failed"],
  ["If-None-Match with the tag", { ifNoneMatch: '"abc"' }, "not-modified"],
  ["If-None-Match with the tag, weak", { ifNoneMatch: 'W/"abc"' }, "not-modified"],
  ["If-None-Match with *", { ifNoneMatch: "*" }, "not-modified"],
  ["If-None-Match with another tag", { ifNoneMatch: '"x"' }, "proceed"],
  ["If-Modified-Since its own second", { ifModifiedSince: exactly }, "not-modified"],
  ["If-Modified-Since the second before", { ifModifiedSince: before }, "proceed"],
  ["If-Modified-Since nonsense", { ifModifiedSince: "yesterday" }, "proceed"],
  ["If-Unmodified-Since its own second", { ifUnmodifiedSince: exactly }, "proceed"],
  ["If-Unmodified-Since the second before", { ifUnmodifiedSince: before }, "failed"],
  ["If-Unmodified-Since nonsense", { ifUnmodifiedSince: "yesterday" }, "proceed"],
  ["If-Match over If-Unmodified-Since", { ifMatch: '"abc"', ifUnmodifiedSince: before }, "proceed"],
  ["If-None-Match over If-Modified-Since", { ifNoneMatch: '"x"', ifModifiedSince: exactly }, "proceed"],
  ["a failed If-Match before If-None-Match", { ifMatch: '"x"', ifNoneMatch: '"abc"' }, "failed"],
];
for (const [what, conditions, outcome] of cases)
  test(`${what}: ${outcome}`, () => assert.equal(decidePreconditions(conditions, object), outcome));

test("If-Range lets a range through for the same object only", () => {
  assert.ok(rangeApplies(undefined, object));
  assert.ok(rangeApplies('"abc"', object));
  assert.ok(rangeApplies(exactly, object));
  for (const other of ['"x"', 'W/"abc"', before, "nonsense"]) assert.ok(!rangeApplies(other, object));
});
