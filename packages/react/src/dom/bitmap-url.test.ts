import assert from "node:assert/strict";
import { test } from "node:test";
import { bitmapUrl } from "./bitmap-url.ts";
import { placeholderOf } from "./placeholder.ts";

test("writes a bitmap whose header says what it is", () => {
  const rgba = Uint8Array.from([
    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24,
  ]);
  const bytes = Buffer.from(bitmapUrl(2, 3, rgba).replace("data:image/bmp;base64,", ""), "base64");
  assert.equal(bytes.toString("latin1", 0, 2), "BM");
  assert.equal(bytes.readUInt32LE(2), bytes.length);
  assert.equal(bytes.readUInt32LE(10), bytes.length - rgba.length);
  assert.deepEqual([bytes.readInt32LE(18), bytes.readInt32LE(22)], [2, -3]);
  assert.deepEqual([bytes.readUInt16LE(26), bytes.readUInt16LE(28), bytes.readUInt32LE(30)], [1, 32, 3]);
  assert.equal(bytes.readUInt32LE(66), 0xff000000);
  assert.deepEqual(new Uint8Array(bytes.subarray(122)), rgba);
});

test("has no placeholder where there is no thumbhash, or one that is broken", () => {
  assert.equal(placeholderOf(undefined), undefined);
  assert.equal(placeholderOf(""), undefined);
  assert.equal(placeholderOf("not base64!"), undefined);
  assert.match(placeholderOf("1QcSHQRnh493V4dIh4eXh1h4kJUI") ?? "", /^data:image\/bmp;base64,/);
});
