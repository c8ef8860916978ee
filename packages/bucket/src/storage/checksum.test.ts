import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { checksumAlgorithms, checksumBytes, createChecksum } from "./checksum.ts";

// The "check" values of the catalogue of CRC algorithms.
for (const [algorithm, hex] of [
  ["CRC32", "cbf43926"],
  ["CRC32C", "e3069283"],
  ["CRC64NVME", "ae8b14860a799888"],
  ["SHA1", createHash("sha1").update("123456789").digest("hex")],
  ["SHA256", createHash("sha256").update("123456789").digest("hex")],
] as const)
  test(`${algorithm} is the one that its catalogue has`, () => {
    const checksum = createChecksum(algorithm);
    checksum.update(Buffer.from("123456789"));
    assert.equal(checksum.digest().toString("hex"), hex);
  });

test("a checksum does not depend on how its content is cut", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...checksumAlgorithms),
      fc.array(fc.uint8Array({ maxLength: 50 }), { maxLength: 6 }),
      (algorithm, pieces) => {
        const [whole, cut] = [createChecksum(algorithm), createChecksum(algorithm)];
        whole.update(Buffer.concat(pieces));
        for (const piece of pieces) cut.update(Buffer.from(piece));
        const digest = whole.digest();
        assert.equal(digest.length, checksumBytes[algorithm]);
        assert.deepEqual(cut.digest(), digest);
      },
    ),
  );
});
