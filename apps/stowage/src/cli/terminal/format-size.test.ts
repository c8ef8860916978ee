import assert from "node:assert/strict";
import { test } from "node:test";
import { formatSize } from "./format-size.ts";

test("says sizes in powers of 1000 with one decimal", () => {
  for (const [sizeBytes, words] of [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [1536, "1.5 kB"],
    [999_949, "999.9 kB"],
    [999_950, "1.0 MB"],
    [20_000_000, "20.0 MB"],
    [2_000_000_000, "2.0 GB"],
  ] as const)
    assert.equal(formatSize(sizeBytes), words);
});
