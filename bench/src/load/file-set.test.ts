import assert from "node:assert/strict";
import { test } from "node:test";
import { fileSizes } from "./file-set.ts";

for (const count of [200, 1000])
  test(`makes ${count} files of 1 KB to 25 MB, about 1 MB on the average, sizes mixed`, () => {
    const sizes = fileSizes(count);
    assert.equal(sizes.length, count);
    assert.ok(Math.min(...sizes) >= 1000 && Math.max(...sizes) <= 25_000_000);
    const mean = sizes.reduce((sum, size) => sum + size, 0) / count;
    assert.ok(mean > 0.8e6 && mean < 1.1e6, `${mean}`);
    const half = sizes.slice(0, count / 2).reduce((sum, size) => sum + size, 0) / (mean * count);
    assert.ok(half > 0.2 && half < 0.8, `${half} of all bytes in the first half`);
  });
