import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { choosePartSize, commonPartBytes, countParts, sizeOfPart, smallestPartBytes } from "./part-plan.ts";

const MiB = 1024 * 1024;
const sizeBytes = fc.oneof(
  fc.integer({ min: 1, max: 5 * 1024 ** 4 }),
  fc.nat({ max: 20_000 }).map((parts) => parts * commonPartBytes + 1),
);

test("any file that S3 can hold is cut into at most 10,000 parts of whole MiB, at least 8, that make up its size", () => {
  fc.assert(
    fc.property(sizeBytes, (bytes) => {
      const plan = { sizeBytes: bytes, partSizeBytes: choosePartSize(bytes) };
      const count = countParts(plan);
      assert.ok(count >= 1 && count <= 10_000, `${count} parts`);
      assert.equal(plan.partSizeBytes % MiB, 0);
      assert.ok(plan.partSizeBytes >= 8 * MiB && plan.partSizeBytes > smallestPartBytes);
      const last = sizeOfPart(plan, count);
      assert.ok(last >= 1 && last <= plan.partSizeBytes);
      assert.equal((count - 1) * plan.partSizeBytes + last, bytes);
      if (count > 1) assert.equal(sizeOfPart(plan, 1), plan.partSizeBytes);
    }),
  );
});

test("parts grow only where 10,000 of 8 MiB are too few", () => {
  assert.equal(choosePartSize(10_000 * 8 * MiB), 8 * MiB);
  assert.equal(choosePartSize(10_000 * 8 * MiB + 1), 9 * MiB);
  assert.equal(choosePartSize(5 * 1024 ** 4), 525 * MiB);
});
