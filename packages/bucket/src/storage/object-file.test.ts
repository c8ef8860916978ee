import assert from "node:assert/strict";
import { createHash, createSecretKey } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import type { OpenFile } from "./file-operations.ts";
import {
  createObjectKey,
  fileSizeOf,
  headerBytesFor,
  type KeptHeader,
  type ObjectMetadata,
  type ObjectTag,
  objectSizeIn,
  openHeader,
  sealHeader,
  smallestHeaderBytes,
} from "./object-file.ts";
import { ObjectCorruptError } from "./segment-cipher.ts";
import { createObjectWriter } from "./write-object.ts";

const masterKey = createSecretKey(Buffer.alloc(32, 1));
const metadata: ObjectMetadata = {
  sizeBytes: 5,
  sha256: createHash("sha256").update("hello").digest("hex"),
  etag: "0123456789abcdef0123456789abcdef",
  contentType: "text/plain",
  createdAtMs: 1_700_000_000_000,
};

test("a header gives back the metadata that was sealed in it", () => {
  fc.assert(
    fc.property(
      fc.nat(2 ** 40),
      fc.string({
        unit: fc.integer({ min: 0x20, max: 0xff }).map((c) => String.fromCharCode(c)),
        maxLength: 255,
      }),
      (sizeBytes, contentType) => {
        const header = sealHeader(createObjectKey(masterKey), { ...metadata, sizeBytes, contentType });
        assert.equal(header.length, smallestHeaderBytes);
        assert.deepEqual(openHeader(masterKey, header).metadata, { ...metadata, sizeBytes, contentType });
      },
    ),
  );
});

test("a header grows by the headers and tags that it keeps, whatever is in them", () => {
  const latin1 = fc.string({ unit: fc.integer({ min: 1, max: 0xff }).map((c) => String.fromCharCode(c)) });
  const kept = fc.array(fc.tuple(latin1, latin1), { minLength: 1, maxLength: 40 });
  const anyText = fc.string({ unit: "binary", maxLength: 256 });
  const tagged = fc.array(fc.tuple(anyText, anyText), { minLength: 1, maxLength: 10 });
  const longest = {
    ...metadata,
    sizeBytes: 5 * 1024 ** 4,
    checksum: { algorithm: "SHA1", value: "A".repeat(28) },
    contentType: '"'.repeat(255),
  } as const;
  fc.assert(
    fc.property(fc.option(kept), fc.option(tagged), (someHeaders, someTags) => {
      const headers: readonly KeptHeader[] | null = someHeaders;
      const tags: readonly ObjectTag[] | null = someTags;
      const about = { ...longest, ...(headers && { headers }), ...(tags && { tags }) };
      const header = sealHeader(createObjectKey(masterKey), about);
      assert.equal(header.length, headerBytesFor(about));
      assert.equal(header.length % 1024, 0);
      assert.deepEqual(openHeader(masterKey, header).metadata, about);
    }),
  );
});

test("the format stays what it was: a file sealed under known keys is the same for ever", async () => {
  const pieces = new Map<number, Buffer>();
  const file: OpenFile = {
    readAt: () => Promise.resolve(0),
    writeAt: async (buffers, position) => {
      pieces.set(position, Buffer.concat(buffers));
    },
    sizeBytes: () => Promise.resolve(0),
    syncData: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
  const content = Buffer.alloc(65_536 + 100, "Stowage");
  const objectKey = createObjectKey(masterKey, Buffer.alloc(32, 2));
  const writer = createObjectWriter({ file, objectKey, sizeBytes: content.length, withMd5: true });
  await writer.push(content);
  await writer.finish();
  await writer.seal({ contentType: "text/plain", createdAtMs: 1_700_000_000_000 });
  const whole = createHash("sha256");
  for (const [, piece] of [...pieces].sort(([a], [b]) => a - b)) whole.update(piece);
  assert.equal(whole.digest("hex"), "a64230614354a79f6e851785566aed2d4114895dd5d5f4f68e59c07df938e7f8");
});

test("a header with any byte changed is refused", () => {
  const header = sealHeader(createObjectKey(masterKey), metadata);
  for (let index = 0; index < header.length; index += 1) {
    const changed = Buffer.from(header);
    changed[index] = (changed[index] ?? 0) ^ 1;
    assert.throws(() => openHeader(masterKey, changed), ObjectCorruptError, `byte ${index}`);
  }
  assert.throws(() => openHeader(masterKey, header.subarray(0, 1023)), ObjectCorruptError);
  assert.throws(() => openHeader(createSecretKey(Buffer.alloc(32, 3)), header), ObjectCorruptError);
});

test("two objects never have the same key", () => {
  const [one, other] = [createObjectKey(masterKey), createObjectKey(masterKey)];
  assert.ok(!one.key.equals(other.key));
});

test("the size of an object follows from the size of its file", () => {
  fc.assert(
    fc.property(fc.nat(10_000_000), (sizeBytes) =>
      assert.equal(objectSizeIn(fileSizeOf(sizeBytes)), sizeBytes),
    ),
  );
});
