import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { filePath, screenOf } from "./screen-of.ts";

test("every screen has its address", () => {
  assert.deepEqual(screenOf("/"), { name: "files" });
  assert.deepEqual(screenOf("/trash"), { name: "trash" });
  assert.deepEqual(screenOf("/trash/"), { name: "trash" });
  for (const path of ["/files", "/files/", "/files/a/b", "/files/%", "/Trash", "//", "/trash/x"])
    assert.deepEqual(screenOf(path), { name: "nowhere" }, path);
});

test("a file's address leads to the file, whatever its id", () => {
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (id) => {
      assert.deepEqual(screenOf(filePath(id)), { name: "file", id });
    }),
  );
});
