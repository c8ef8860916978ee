import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createChecksum } from "./checksum.ts";
import { combineCrc, isCombinable } from "./combine-crc.ts";

for (const algorithm of ["CRC32", "CRC32C", "CRC64NVME"] as const)
  test(`the ${algorithm} of a whole follows from those of its parts, empty ones too`, () => {
    const checksumOf = (content: Buffer): string => {
      const checksum = createChecksum(algorithm);
      checksum.update(content);
      return checksum.digest().toString("base64");
    };
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)),
      fc.nat(100_000).map((length) => Buffer.alloc(length, "part")),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 6 }), (contents) => {
        const parts = contents.map((content) => ({
          sizeBytes: content.length,
          checksum: checksumOf(content),
        }));
        assert.equal(combineCrc(algorithm, parts), checksumOf(Buffer.concat(contents)));
      }),
    );
  });

test("the digest of a whole does not follow from those of its parts", () => {
  for (const algorithm of ["SHA1", "SHA256"] as const) {
    assert.equal(isCombinable(algorithm), false);
    assert.throws(() => combineCrc(algorithm, []), RangeError);
  }
});
