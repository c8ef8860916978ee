import assert from "node:assert/strict";
import { test } from "node:test";
import { formatSize } from "./format-size.ts";

for (const [sizeBytes, expected] of [
  [0, "0 bytes"],
  [1, "1 byte"],
  [999, "999 bytes"],
  [1000, "1 kB"],
  [1550, "1.6 kB"],
  [999_950, "1 MB"],
  [4_123_456, "4.1 MB"],
  [123_456_789, "123 MB"],
  [2_000_000_000, "2 GB"],
  [5_000_000_000_000_000, "5,000 TB"],
] as const)
  test(`${sizeBytes} bytes are ${expected}`, () => {
    assert.equal(formatSize(sizeBytes), expected);
  });
