import assert from "node:assert/strict";
import { test } from "node:test";
import { takeRandomBytes } from "./random-bytes.ts";

test("no bytes come twice, over many fillings of the pool and for any length", () => {
  const seen = new Set<string>();
  for (let index = 0; index < 5_000; index += 1) seen.add(takeRandomBytes(10 + (index % 23)).toString("hex"));
  assert.equal(seen.size, 5_000);
  assert.equal(takeRandomBytes(4096).length, 4096);
});

test("more than the pool holds is refused", () => {
  assert.throws(() => takeRandomBytes(4097), RangeError);
});

test("every bit of it is sometimes set", () => {
  const ever = new Uint8Array(16);
  for (let index = 0; index < 200; index += 1)
    for (const [at, byte] of takeRandomBytes(16).entries()) ever[at] = (ever[at] ?? 0) | byte;
  assert.deepEqual(
    [...ever],
    Array.from({ length: 16 }, () => 0xff),
  );
});
