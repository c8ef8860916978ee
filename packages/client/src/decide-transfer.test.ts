import assert from "node:assert/strict";
import { test } from "node:test";
import * as protocol from "@stowage/protocol";
import { shouldGoOnInParts, singlePutLimitBytes } from "./decide-transfer.ts";

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
