import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { createPartDigests } from "./part-digests.ts";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

const cut = (bytes: Buffer, sizeBytes: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / sizeBytes) }, (_, index) =>
    bytes.subarray(index * sizeBytes, (index + 1) * sizeBytes),
  );

const body = fc.record({
  length: fc.integer({ min: 1, max: 300 }),
  partBytes: fc.integer({ min: 1, max: 100 }),
  chunkBytes: fc.integer({ min: 1, max: 130 }),
});

function judge(bytes: Buffer, chunkBytes: number, sizeBytes: number, sha256s: string[]) {
  const digests = createPartDigests({ sizeBytes, sha256s });
  for (const chunk of cut(bytes, chunkBytes)) digests.update(chunk);
  return digests.finish();
}

test("parts are told apart whatever the pieces that they come in", () => {
  fc.assert(
    fc.property(body, ({ length, partBytes, chunkBytes }) => {
      const bytes = randomBytes(length);
      assert.equal(judge(bytes, chunkBytes, partBytes, cut(bytes, partBytes).map(sha256)), undefined);
    }),
  );
});

test("a flipped bit is found in its part, and the first of several is named", () => {
  fc.assert(
    fc.property(body, fc.nat(), fc.nat(), ({ length, partBytes, chunkBytes }, one, other) => {
      const bytes = randomBytes(length);
      const sha256s = cut(bytes, partBytes).map(sha256);
      const places = [one % length, other % length];
      for (const place of new Set(places)) bytes[place] = (bytes[place] ?? 0) ^ 1;
      const first = Math.floor(Math.min(...places) / partBytes) + 1;
      assert.equal(judge(bytes, chunkBytes, partBytes, sha256s), first);
    }),
  );
});

test("a part too few and one too many are found", () => {
  const bytes = randomBytes(25);
  const sha256s = cut(bytes, 10).map(sha256);
  assert.equal(judge(bytes.subarray(0, 20), 7, 10, sha256s), 3);
  assert.equal(judge(bytes, 7, 10, sha256s.slice(0, 2)), 3);
  assert.equal(judge(bytes, 7, 10, []), 1);
});
