import assert from "node:assert/strict";
import { appendFile, stat, truncate, unlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { temporaryFolder } from "../testing/temporary-folder.contract.ts";
import { nodeDigest } from "./node-digest.ts";
import { createNodePartReader } from "./node-part.ts";

const mebibyte = 1024 * 1024;

async function setUp(t: TestContext) {
  const absolutePath = join(await temporaryFolder(t), "file.bin");
  const bytes = Buffer.from(Array.from({ length: 3 * mebibyte }, (_, index) => index % 251));
  await writeFile(absolutePath, bytes);
  const { mtimeNs } = await stat(absolutePath, { bigint: true });
  const read = createNodePartReader();
  const file = { path: "file.bin", absolutePath, sizeBytes: bytes.length, mtimeNs };
  return { absolutePath, bytes, read: (offset: number, size: number) => read(file, offset, size) };
}

const bytesOf = async (part: { body(): AsyncIterable<Buffer> }): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  for await (const piece of part.body()) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
};

test("reads a part, which gives the same bytes however often", async (t) => {
  const { bytes, read } = await setUp(t);
  const part = await read(mebibyte - 1, mebibyte + 3);
  const expected = bytes.subarray(mebibyte - 1, 2 * mebibyte + 2);
  assert.deepEqual(await bytesOf(part), expected);
  assert.deepEqual(await bytesOf(part), expected);
  let readBytes = 0;
  const sha256 = await nodeDigest.sha256(part, (count) => {
    readBytes = count;
  });
  assert.match(sha256, /^[0-9a-f]{64}$/);
  assert.equal(readBytes, expected.length);
});

test("uses the memory of parts again once they are released, and never before", async (t) => {
  const { bytes, read } = await setUp(t);
  const [one, two] = await Promise.all([read(0, mebibyte), read(mebibyte, mebibyte)]);
  assert.deepEqual(await bytesOf(one), bytes.subarray(0, mebibyte));
  const memoryOf = async ({ body }: typeof one): Promise<Buffer> => (await body().iterator().next()).value;
  const [memory, other] = [await memoryOf(one), await memoryOf(two)];
  one.release();
  const three = await read(2 * mebibyte, mebibyte / 2);
  assert.equal((await memoryOf(three)).buffer, memory.buffer);
  assert.notEqual((await memoryOf(three)).buffer, other.buffer);
  assert.deepEqual(await bytesOf(two), bytes.subarray(mebibyte, 2 * mebibyte));
});

test("lets the memory go once no part was held for some seconds", async (t) => {
  const { read } = await setUp(t);
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const memoryOf = async ({ body }: Awaited<ReturnType<typeof read>>) =>
    ((await body().iterator().next()).value as Buffer).buffer;
  const [one, two] = await Promise.all([read(0, mebibyte), read(0, mebibyte)]);
  const memory = await memoryOf(one);
  one.release();
  t.mock.timers.tick(60_000);
  const three = await read(0, mebibyte);
  assert.equal(await memoryOf(three), memory, "while another part is held");
  two.release();
  three.release();
  t.mock.timers.tick(4_000);
  const four = await read(0, mebibyte);
  const reused = await memoryOf(four);
  t.mock.timers.tick(60_000);
  four.release();
  t.mock.timers.tick(60_000);
  assert.notEqual(await memoryOf(await read(0, mebibyte)), reused);
});

for (const [what, change] of [
  ["grew", (path: string) => appendFile(path, "more")],
  ["shrank", (path: string) => truncate(path, mebibyte)],
  ["was written to", (path: string) => utimes(path, new Date(), new Date())],
] as const)
  test(`says that a file ${what}`, async (t) => {
    const { absolutePath, read } = await setUp(t);
    await read(0, mebibyte);
    await change(absolutePath);
    await assert.rejects(read(2 * mebibyte, mebibyte), { name: "FileChangedError", code: "file-changed" });
  });

test("says that a file is gone", async (t) => {
  const { absolutePath, read } = await setUp(t);
  await unlink(absolutePath);
  await assert.rejects(read(0, mebibyte), { name: "FileUnreadableError", code: "file-unreadable" });
});
