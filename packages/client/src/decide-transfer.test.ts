import assert from "node:assert/strict";
import { test } from "node:test";
import * as protocol from "@stowage/protocol";
import { isTooSlow, shouldGoOnInParts, singlePutLimitBytes } from "./decide-transfer.ts";

test("knows the limit of a single PUT as the contract has it", () =>
  assert.equal(singlePutLimitBytes, protocol.singlePutLimitBytes));

const mebibyte = 1024 ** 2;
for (const [sizeBytes, breaks, expected] of [
  [20_000_000, 0, false],
  [20_000_000, 1, false],
  [20_000_000, 2, true],
  [8 * mebibyte, 9, false],
  [8 * mebibyte + 1, 2, true],
] as const)
  test(`goes ${expected ? "on in parts" : "on as it is"} with ${sizeBytes} bytes after ${breaks} broken connections`, () =>
    assert.equal(shouldGoOnInParts(sizeBytes, breaks), expected));

for (const [sizeBytes, sentBytes, elapsedMs, expected] of [
  [20_000_000, 0, 14_999, false],
  [20_000_000, 0, 15_000, true],
  // 67 kB a second is five minutes for all of it.
  [20_000_000, 1_000_000, 15_000, false],
  [20_000_000, 999_999, 15_000, true],
  [20_000_000, 19_000_000, 290_000, true],
  [20_000_000, 19_900_000, 290_000, false],
  [8 * mebibyte, 0, 60_000, false],
] as const)
  test(`holds ${sentBytes} of ${sizeBytes} bytes in ${elapsedMs} ms ${expected ? "" : "not "}for too slow`, () =>
    assert.equal(isTooSlow(sizeBytes, sentBytes, elapsedMs), expected));
