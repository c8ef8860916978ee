import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import fc from "fast-check";
import { filesBelow, temporaryDirectory } from "./testing/temporary-directory.ts";
import { type Answer, startTestBucket, type TestBucket } from "./testing/test-bucket.ts";

const runs = Number(process.env.STOWAGE_FUZZ_RUNS ?? 150);
const partBytes = 5 * 1024 ** 2;

/** What may become of a file: of its bytes, one is another, some are gone, or there are more. */
const damage = fc.record({
  how: fc.constantFrom("flip", "flip", "cut", "append", "zero", "shift"),
  /** Where: most of it is content, so that the header's first KiB gets its share. */
  where: fc.oneof(
    fc.integer({ min: 0, max: 1039 }).map((offset) => () => offset),
    fc
      .double({ min: 0, max: 1, maxExcluded: true, noNaN: true })
      .map((share) => (size: number) => Math.floor(share * size)),
    fc.integer({ min: 1, max: 17 }).map((fromEnd) => (size: number) => size - fromEnd),
  ),
  bit: fc.nat(7),
});
type Damage = typeof damage extends fc.Arbitrary<infer T> ? T : never;

function damaged(file: Buffer, { how, where, bit }: Damage): Buffer {
  const at = Math.max(0, Math.min(where(file.length), file.length - 1));
  if (how === "cut") return file.subarray(0, at);
  if (how === "append") return Buffer.concat([file, file.subarray(at)]);
  if (how === "shift") return Buffer.concat([file.subarray(0, at), Buffer.of(0), file.subarray(at, -1)]);
  const changed = Buffer.from(file);
  if (how === "flip") changed[at] = (file[at] ?? 0) ^ (1 << bit);
  else changed.subarray(at, at + 64).fill(0);
  return changed;
}

const create = async (bucket: TestBucket, key: string): Promise<string> =>
  /<UploadId>(\w+)</.exec(String((await bucket.signed("POST", `${key}?uploads=`)).body))?.[1] ??
  assert.fail();
const sendPart = (bucket: TestBucket, key: string, uploadId: string, number: number, body: Buffer) =>
  bucket.signed("PUT", `${key}?partNumber=${number}&uploadId=${uploadId}`, { body });
const md5 = (content: Buffer): string => createHash("md5").update(content).digest("hex");

const complete = (bucket: TestBucket, key: string, uploadId: string, parts: readonly Buffer[]) =>
  bucket.signed("POST", `${key}?uploadId=${uploadId}`, {
    body: `<CompleteMultipartUpload>${parts
      .map((part, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${md5(part)}</ETag></Part>`)
      .join("")}</CompleteMultipartUpload>`,
  });

async function start(t: TestContext): Promise<TestBucket> {
  return startTestBucket(t, { directory: join(await temporaryDirectory(t, { inMemory: true }), "data") });
}

/** Resolves with the answer, or "broken" where the connection ended before the body did. */
const attempt = (answer: Promise<Answer>): Promise<Answer | "broken"> => answer.catch(() => "broken");

/** Of what is damaged, an answer is right, or refuses, or breaks off: never wrong and whole. */
async function assertNeverWrong(
  bucket: TestBucket,
  key: string,
  content: Buffer,
  isFound: boolean,
): Promise<void> {
  bucket.log.length = 0;
  const whole = await attempt(bucket.get(key));
  if (isFound) assert.ok(whole === "broken" || whole.status === 500, "damage was not found");
  if (whole !== "broken" && whole.status !== 500)
    assert.ok(whole.status === 200 && whole.body.equals(content));
  if (whole !== "broken" && whole.status === 500) assert.equal(whole.code, "InternalError");
  if (whole === "broken" || whole.status === 500) {
    const entry = bucket.log.find(({ msg }) => msg === "object corrupt");
    assert.equal(entry?.level, "error");
    assert.ok(String(entry?.path).endsWith(`/${key}`));
  }
  for (const [start, end] of [
    [0, 10],
    [65_530, 65_550],
    [content.length - 5, content.length],
  ] as const) {
    const part = await attempt(bucket.get(key, { range: `bytes=${start}-${end - 1}` }));
    if (part !== "broken" && part.status !== 500)
      assert.ok(part.status === 206 && part.body.equals(content.subarray(start, end)), `range ${start}`);
  }
  const head = await bucket.send("HEAD", bucket.presign("HEAD", key));
  if (head.status === 200) assert.equal(head.headers["content-length"], String(content.length));
  else assert.equal(head.status, 500);
}

/** It is listed, and can be replaced and removed. */
async function assertMendable(bucket: TestBucket, key: string): Promise<void> {
  const list = await bucket.signed("GET", "?list-type=2");
  assert.equal(list.status, 200);
  assert.match(String(list.body), new RegExp(`<Key>${key}</Key>`));
  assert.equal((await bucket.put(key, "mended")).status, 200);
  assert.equal(String((await bucket.get(key)).body), "mended");
}

test("an object whose file is damaged anywhere, in any way, is never answered wrong", async (t) => {
  const bucket = await start(t);
  const content = randomBytes(400_000);
  await bucket.put("k", content);
  const [path = ""] = filesBelow(join(bucket.directory, "objects"));
  const file = readFileSync(path);
  await fc.assert(
    fc.asyncProperty(damage, async (one) => {
      const changed = damaged(file, one);
      writeFileSync(path, changed);
      await assertNeverWrong(bucket, "k", content, !changed.equals(file));
      writeFileSync(path, file);
    }),
    { numRuns: runs },
  );
  for (const how of ["flip", "cut"] as const) {
    writeFileSync(path, damaged(file, { how, where: () => 50, bit: 0 }));
    await assertMendable(bucket, "k");
    await bucket.put("k", content);
    writeFileSync(path, damaged(file, { how, where: () => 50, bit: 0 }));
    assert.equal((await bucket.signed("DELETE", "k")).status, 204);
    assert.equal((await bucket.get("k")).status, 404);
    await bucket.put("k", content);
  }
});

test("an object in parts is never answered wrong, whichever of its files is damaged", async (t) => {
  const bucket = await start(t);
  const parts = [randomBytes(partBytes), randomBytes(100_000)];
  const content = Buffer.concat(parts);
  const put = async (): Promise<void> => {
    const uploadId = await create(bucket, "k");
    for (const [index, part] of parts.entries()) await sendPart(bucket, "k", uploadId, index + 1, part);
    assert.equal((await complete(bucket, "k", uploadId, parts)).status, 200);
  };
  await put();
  const paths = [
    ...filesBelow(join(bucket.directory, "objects")),
    ...filesBelow(join(bucket.directory, "parts")).filter((path) => !path.endsWith("anchor")),
  ];
  assert.equal(paths.length, 3);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...paths), damage, async (path, one) => {
      const file = readFileSync(path);
      const changed = damaged(file, one);
      writeFileSync(path, changed);
      await assertNeverWrong(bucket, "k", content, !changed.equals(file));
      writeFileSync(path, file);
    }),
    { numRuns: runs },
  );
  const [manifest = ""] = paths;
  writeFileSync(manifest, damaged(readFileSync(manifest), { how: "flip", where: () => 500, bit: 3 }));
  await assertMendable(bucket, "k");
  await put();
  writeFileSync(manifest, damaged(readFileSync(manifest), { how: "flip", where: () => 500, bit: 3 }));
  assert.equal((await bucket.signed("DELETE", "k")).status, 204);
  await bucket.bucket.close();
  // Whose the parts were could not be read; the next start sees that nobody needs them.
  await startTestBucket(t, { directory: bucket.directory });
  assert.deepEqual(filesBelow(join(bucket.directory, "parts")), []);
  assert.deepEqual(filesBelow(join(bucket.directory, "incoming")), []);
});

test("a file in another's place is not taken for it: part, list of parts, record, object", async (t) => {
  const bucket = await start(t);
  const parts = [randomBytes(partBytes), randomBytes(partBytes)];
  const uploadId = await create(bucket, "k");
  for (const [index, part] of parts.entries()) await sendPart(bucket, "k", uploadId, index + 1, part);
  const otherId = await create(bucket, "other");
  await bucket.put("small", "content");
  const upload = (id: string, name: string): string => join(bucket.directory, "uploads", id, name);
  const [object = ""] = filesBelow(join(bucket.directory, "objects"));
  const whole = new Map(
    [upload(uploadId, "00001"), upload(uploadId, "00002"), upload(uploadId, "upload"), object].map((path) => [
      path,
      readFileSync(path),
    ]),
  );
  const restore = (): void => {
    for (const [path, file] of whole) writeFileSync(path, file);
  };
  const listed = async (): Promise<string[]> => {
    const { body } = await bucket.signed("GET", `k?uploadId=${uploadId}`);
    return [...String(body).matchAll(/<PartNumber>(\d+)</g)].map(([, number = ""]) => number);
  };

  // Two parts that changed places are both missing, and can be sent again.
  writeFileSync(upload(uploadId, "00001"), readFileSync(upload(uploadId, "00002")));
  assert.deepEqual(await listed(), ["2"]);
  const refused = await complete(bucket, "k", uploadId, [parts[1] ?? Buffer.of(), parts[1] ?? Buffer.of()]);
  assert.deepEqual([refused.status, refused.code], [400, "InvalidPart"]);
  await sendPart(bucket, "k", uploadId, 1, parts[0] ?? Buffer.of());
  assert.deepEqual(await listed(), ["1", "2"]);
  restore();

  // Neither a part nor a record is a key's object, nor the other way round.
  for (const name of ["00001", "upload"]) {
    writeFileSync(object, readFileSync(upload(uploadId, name)));
    assert.equal((await bucket.get("small")).status, 500);
    restore();
  }
  writeFileSync(upload(uploadId, "00001"), readFileSync(object));
  assert.deepEqual(await listed(), ["2"]);
  restore();

  // Another upload's record is not this one's, and hides none of the others.
  writeFileSync(upload(uploadId, "upload"), readFileSync(upload(otherId, "upload")));
  assert.equal((await sendPart(bucket, "k", uploadId, 3, Buffer.of(1))).status, 500);
  assert.equal((await sendPart(bucket, "other", uploadId, 3, Buffer.of(1))).status, 500);
  bucket.log.length = 0;
  const uploads = String((await bucket.signed("GET", "?uploads=")).body);
  assert.ok(uploads.includes(otherId) && !uploads.includes(uploadId));
  assert.ok(bucket.log.some(({ msg, what }) => msg === "object corrupt" && String(what).includes(uploadId)));
  // It can be got rid of.
  assert.equal((await bucket.signed("DELETE", `k?uploadId=${uploadId}`)).status, 204);
  assert.deepEqual(filesBelow(join(bucket.directory, "uploads", uploadId)), []);
});

test("a copy of a damaged object is refused, and the log says of which", async (t) => {
  const bucket = await start(t);
  await bucket.put("k", "content");
  const [path = ""] = filesBelow(join(bucket.directory, "objects"));
  writeFileSync(path, damaged(readFileSync(path), { how: "flip", where: () => 500, bit: 3 }));
  bucket.log.length = 0;
  const copy = await bucket.signed("PUT", "copy", { headers: { "x-amz-copy-source": "/test-bucket/k" } });
  assert.equal(copy.status, 500);
  const entry = bucket.log.find(({ msg }) => msg === "object corrupt");
  assert.match(String(entry?.error), /copy source, "k"/);
});
