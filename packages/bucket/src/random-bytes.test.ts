import assert from "node:assert/strict";
import { test } from "node:test";
import { takeRandomBytes } from "./random-bytes.ts";

test("random bytes are as many as asked for, none given out twice, and stay what they are", () => {
  const taken = Array.from({ length: 2000 }, (_, index) => takeRandomBytes(16 + (index % 17)));
  const seen = taken.map((bytes) => bytes.toString("hex"));
  assert.ok(taken.every(({ length }, index) => length === 16 + (index % 17)));
  assert.equal(new Set(seen.map((hex) => hex.slice(0, 32))).size, taken.length);
  takeRandomBytes(4096);
  assert.deepEqual(
    taken.map((bytes) => bytes.toString("hex")),
    seen,
  );
  assert.throws(() => takeRandomBytes(4097), RangeError);
});
