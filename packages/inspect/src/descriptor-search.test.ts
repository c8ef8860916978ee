import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createDescriptorSearch } from "./descriptor-search.ts";

const descriptor = (dataBytes: number, { isLarge = false, hasSignature = true } = {}): Buffer => {
  const sizes = Buffer.alloc(isLarge ? 16 : 8);
  for (const at of isLarge ? [0, 8] : [0, 4]) sizes.writeUInt32LE(dataBytes, at);
  return Buffer.concat([Buffer.from(hasSignature ? "PK\x07\x08" : "", "latin1"), Buffer.from("crc."), sizes]);
};

test("a descriptor of what is before it is found wherever it is, and however the bytes come", () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 200 }),
    fc.boolean(),
    fc.boolean(),
    fc.constantFrom("PK\x03\x04", "PK\x01\x02"),
    fc.nat(100),
    fc.integer({ min: 1, max: 60 }),
    fc.integer({ min: -1, max: 1 }),
    (before, isLarge, hasSignature, next, after, pieceBytes, off) => {
      const bytes = Buffer.concat([
        Buffer.alloc(before, "P"),
        descriptor(before + off, { isLarge, hasSignature }),
        Buffer.from(hasSignature ? "" : next, "latin1"),
        Buffer.alloc(after, "K"),
      ]);
      const search = createDescriptorSearch();
      for (let at = 0; at < bytes.length; at += pieceBytes)
        search.lookOver(bytes.subarray(at, at + pieceBytes));
      assert.equal(search.hasFound, off === 0);
    },
  );
  fc.assert(property);
});
