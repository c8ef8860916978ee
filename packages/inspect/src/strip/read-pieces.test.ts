import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { joinPieces, type Piece, UnstrippableError } from "./pieces.ts";
import { measurePieces, readPieces } from "./read-pieces.ts";

const folder = mkdtempSync(join(tmpdir(), "stowage-pieces-"));
after(() => rmSync(folder, { recursive: true }));
const original = randomBytes(1_000_000);
const path = join(folder, "original");
writeFileSync(path, original);

/** How often it is read, beside what is read. */
async function readCounted(
  pieces: readonly Piece[],
): Promise<{ bytes: Buffer; reads: number; most: number }> {
  await using file = await open(path);
  let reads = 0;
  const counted = new Proxy(file, {
    get(target, name) {
      if (name !== "read") return Reflect.get(target, name);
      return (...parameters: Parameters<FileHandle["read"]>) => {
        reads += 1;
        return target.read(...parameters);
      };
    },
  });
  const chunks: Buffer[] = [];
  for await (const chunk of readPieces(counted, pieces)) chunks.push(Buffer.from(chunk));
  return { bytes: Buffer.concat(chunks), reads, most: Math.max(...chunks.map(({ length }) => length)) };
}

test("a file of a hundred thousand pieces is put together with a few reads", async () => {
  const pieces: Piece[] = [];
  for (let at = 0; at + 10 <= original.length; at += 10) pieces.push({ from: at, to: at + 3 });
  const { bytes, reads } = await readCounted(pieces);
  assert.deepEqual(bytes, joinPieces(original, pieces));
  assert.ok(reads <= 5, `${reads} reads`);
});

test("stretches, bytes and repeated bytes come in their order, in chunks of a bounded size", async () => {
  const pieces: Piece[] = [
    { bytes: Buffer.from("head") },
    { from: 7, to: 600_000 },
    { fill: 0xff, count: 700_000 },
    { from: 999_999, to: 1_000_000 },
    { fill: 0, count: 1 },
  ];
  const { bytes, most } = await readCounted(pieces);
  const expected = joinPieces(original, pieces);
  assert.ok(bytes.equals(expected));
  assert.ok(most <= 256 * 1024, `${most} bytes`);
  assert.deepEqual(await measurePieces(path, pieces), {
    sizeBytes: expected.length,
    sha256: createHash("sha256").update(expected).digest("hex"),
  });
});

test("pieces of what is not there are an error", async () => {
  await assert.rejects(readCounted([{ from: 999_990, to: 1_000_001 }]), UnstrippableError);
});
