import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fromByteString, parseName, pathComponents, toByteString } from "./key-path.ts";

/** Keys that collide easily: few letters, many slashes, both cases, marks, dots, bytes above ASCII. */
const awkwardKey = fc
  .oneof(
    fc.string({
      unit: fc.constantFrom("a", "b", "A", "/", ".", "\0", "é", "e\u0301", "%", "=", "-", "😀"),
      maxLength: 8,
    }),
    fc.string({ unit: fc.constantFrom("a", "/", "x"), minLength: 70, maxLength: 300 }),
    fc.string({ unit: "binary", maxLength: 20 }),
  )
  .map((key) => Buffer.from(key, "utf8").toString("utf8"))
  .filter((key) => key !== "");

const pathOf = (key: string): string[] => {
  const { directories, file } = pathComponents(toByteString(key));
  return [...directories, file];
};

test("a path gives back its key, so that no two keys share one", () => {
  fc.assert(
    fc.property(awkwardKey, (key) => {
      const bytes = pathOf(key).map((name) => parseName(name)?.bytes);
      assert.equal(fromByteString(bytes.join("")), key);
    }),
    { numRuns: 2000 },
  );
});

test("names are short, safe on any file system, and differ by more than case", () => {
  fc.assert(
    fc.property(awkwardKey, (key) => {
      for (const name of pathOf(key)) assert.match(name, /^[do]\.[a-z0-9=-]{0,240}$/);
    }),
    { numRuns: 2000 },
  );
});

test("a directory is never named as an object is", () => {
  fc.assert(
    fc.property(awkwardKey, (key) => {
      const path = pathOf(key);
      assert.deepEqual(
        path.map((name) => parseName(name)?.kind),
        path.map((_, index) => (index === path.length - 1 ? "object" : "directory")),
      );
    }),
  );
});

test("Stowage's keys lie two directories deep", () => {
  assert.deepEqual(pathOf("uploads/4f9cabe1"), ["d.uploads=2f", "d.4f", "o.9cabe1"]);
  assert.deepEqual(pathOf("files/4f9cabe1/2/thumbnail"), ["d.files=2f", "d.4f", "o.9cabe1=2f2=2fthumbnail"]);
});

test("the longest keys fit", () => {
  for (const key of ["a".repeat(1024), "é".repeat(512), "/".repeat(1024), `a/${"\0".repeat(1022)}`])
    for (const name of pathOf(key)) assert.ok(name.length <= 255);
});

test("names that no key has are not keys", () => {
  for (const name of ["", "o", "x.a", "o.A", "o.=2", "o.=GG", "o.a.b", "d.a/b", "lost+found"])
    assert.equal(parseName(name), undefined);
});
