import assert from "node:assert/strict";
import { createHash, createSecretKey } from "node:crypto";
import { readdirSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { createDiskStore } from "./storage/disk-store.ts";
import { diskFileOperations } from "./storage/file-operations.ts";
import { createFailingDisk } from "./testing/failing-disk.ts";
import { testMasterKey } from "./testing/stored-content.ts";
import { temporaryDirectory } from "./testing/temporary-directory.ts";
import { type Answer, startTestBucket, type TestBucket } from "./testing/test-bucket.ts";
import { waitUntil } from "./testing/wait-until.ts";

const errnos: Readonly<Record<string, { readonly status: number; readonly code: string }>> = {
  ENOSPC: { status: 507, code: "InsufficientStorage" },
  EDQUOT: { status: 507, code: "InsufficientStorage" },
  EMFILE: { status: 503, code: "SlowDown" },
  EIO: { status: 500, code: "InternalError" },
  EROFS: { status: 500, code: "InternalError" },
};

const oldContent = "old ".repeat(1000);
/** Enough to be written in several pieces. */
const newContent = "new ".repeat(70_000);
/** Full, and broken for good, a disk stays for a while. */
const lasting: ReadonlySet<string> = new Set(["ENOSPC", "EROFS"]);

interface Scenario {
  readonly what: string;
  /** What is there before; perhaps resolves with the id of an upload. */
  setUp(bucket: TestBucket, key: string): Promise<string | undefined>;
  attempt(bucket: TestBucket, key: string, uploadId: string): Promise<Answer>;
  /** What the key may hold when the attempt failed: never anything else. First what it held before. */
  readonly afterFailure: readonly (string | undefined)[];
  readonly afterSuccess: string | undefined;
  /** What the same attempt may be answered once the disk is well. */
  readonly again: readonly number[];
}

async function putOld(bucket: TestBucket, key: string): Promise<undefined> {
  assert.equal((await bucket.put(key, oldContent)).status, 200);
}

async function create(bucket: TestBucket, key: string): Promise<string> {
  const { body } = await bucket.signed("POST", `${key}?uploads=`);
  return /<UploadId>(\w+)</.exec(String(body))?.[1] ?? assert.fail(String(body));
}

const sendPart = (bucket: TestBucket, key: string, uploadId: string): Promise<Answer> =>
  bucket.signed("PUT", `${key}?partNumber=1&uploadId=${uploadId}`, { body: newContent });

async function createWithPart(bucket: TestBucket, key: string): Promise<string> {
  const uploadId = await create(bucket, key);
  assert.equal((await sendPart(bucket, key, uploadId)).status, 200);
  return uploadId;
}

async function complete(
  bucket: TestBucket,
  key: string,
  uploadId: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> {
  // Of the content: parts of requests with a signed header have it.
  const etag = createHash("md5").update(newContent).digest("hex");
  const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part></CompleteMultipartUpload>`;
  return bucket.signed("POST", `${key}?uploadId=${uploadId}`, { body, headers });
}

async function putInParts(bucket: TestBucket, key: string): Promise<undefined> {
  assert.equal((await complete(bucket, key, await createWithPart(bucket, key))).status, 200);
}

const nothing = async (): Promise<undefined> => undefined;

const scenarios: readonly Scenario[] = [
  {
    what: "a new object",
    setUp: nothing,
    attempt: (bucket, key) => bucket.put(key, newContent, { "if-none-match": "*" }),
    afterFailure: [undefined, newContent],
    afterSuccess: newContent,
    again: [200, 412],
  },
  {
    what: "an object in place of another",
    setUp: putOld,
    attempt: (bucket, key) => bucket.put(key, newContent),
    afterFailure: [oldContent, newContent],
    afterSuccess: newContent,
    again: [200],
  },
  {
    what: "an object in place of one in parts",
    setUp: putInParts,
    attempt: (bucket, key) => bucket.put(key, oldContent),
    afterFailure: [newContent, oldContent],
    afterSuccess: oldContent,
    again: [200],
  },
  {
    what: "a copy",
    setUp: async (bucket, key) => {
      await putOld(bucket, key);
      assert.equal((await bucket.put(`${key}-source`, newContent)).status, 200);
      return undefined;
    },
    attempt: (bucket, key) =>
      bucket.signed("PUT", key, { headers: { "x-amz-copy-source": `/test-bucket/${key}-source` } }),
    afterFailure: [oldContent, newContent],
    afterSuccess: newContent,
    again: [200],
  },
  {
    what: "a removal",
    setUp: putInParts,
    attempt: (bucket, key) => bucket.signed("DELETE", key),
    afterFailure: [newContent, undefined],
    afterSuccess: undefined,
    again: [204],
  },
  {
    what: "an object",
    setUp: async (bucket, key) => {
      await bucket.put(key, newContent);
      return undefined;
    },
    attempt: (bucket, key) => bucket.get(key),
    afterFailure: [newContent],
    afterSuccess: newContent,
    again: [200],
  },
  {
    what: "an object in parts",
    setUp: putInParts,
    attempt: (bucket, key) => bucket.get(key),
    afterFailure: [newContent],
    afterSuccess: newContent,
    again: [200],
  },
  {
    what: "a listing",
    setUp: putOld,
    attempt: (bucket, key) => bucket.signed("GET", `?list-type=2&prefix=${key}`),
    afterFailure: [oldContent],
    afterSuccess: oldContent,
    again: [200],
  },
  {
    what: "the begin of an upload",
    setUp: nothing,
    attempt: (bucket, key) => bucket.signed("POST", `${key}?uploads=`),
    afterFailure: [undefined],
    afterSuccess: undefined,
    again: [200],
  },
  {
    what: "a part",
    setUp: createWithPart,
    attempt: sendPart,
    afterFailure: [undefined],
    afterSuccess: undefined,
    again: [200],
  },
  {
    what: "a list of parts",
    setUp: createWithPart,
    attempt: (bucket, key, uploadId) => bucket.signed("GET", `${key}?uploadId=${uploadId}`),
    afterFailure: [undefined],
    afterSuccess: undefined,
    again: [200],
  },
  {
    what: "the completion of an upload",
    setUp: createWithPart,
    attempt: (bucket, key, uploadId) => complete(bucket, key, uploadId, { "if-none-match": "*" }),
    afterFailure: [undefined, newContent],
    afterSuccess: newContent,
    again: [200, 404, 412],
  },
  {
    what: "the completion of an upload over an object",
    setUp: async (bucket, key) => {
      await putOld(bucket, key);
      return createWithPart(bucket, key);
    },
    attempt: complete,
    afterFailure: [oldContent, newContent],
    afterSuccess: newContent,
    again: [200, 404],
  },
  {
    what: "the end of an upload",
    setUp: createWithPart,
    attempt: (bucket, key, uploadId) => bucket.signed("DELETE", `${key}?uploadId=${uploadId}`),
    afterFailure: [undefined],
    afterSuccess: undefined,
    again: [204, 404],
  },
];

async function contentOf(bucket: TestBucket, key: string): Promise<string | undefined> {
  const { status, body } = await bucket.get(key);
  if (status === 404) return undefined;
  assert.equal(status, 200);
  return String(body);
}

for (const { what, setUp, attempt, afterFailure, afterSuccess, again } of scenarios)
  test(`${what}: whatever call fails, the answer says so, nothing is torn or lost, and the next request works`, async (t) => {
    const disk = createFailingDisk();
    const directory = join(await temporaryDirectory(t, { inMemory: true }), "data");
    const bucket = await startTestBucket(t, { fileOperations: disk.operations, directory });
    let faults = 0;
    let failures = 0;
    for (const [errno, refusal] of Object.entries(errnos))
      for (const stays of lasting.has(errno) ? [false, true] : [false])
        for (let at = 1; ; at += 1) {
          const key = `k/${errno}${stays ? "1" : "0"}${at}`;
          const uploadId = (await setUp(bucket, key)) ?? "";
          const left = readdirSync(join(directory, "incoming")).length;
          disk.setFault({ errno, at, stays });
          // A connection that ends in mid-body is as clear as can be then.
          const answer = await attempt(bucket, key, uploadId).catch(() => "broken" as const);
          const failed = disk.failedCall();
          disk.setFault(undefined);
          const about = `${errno} at call ${at}, ${failed}${stays ? " and after" : ""}`;
          if (failed === undefined) {
            assert.ok(answer !== "broken" && answer.status < 300, about);
            break;
          }
          faults += 1;
          // At once, but for what can't be removed, or must not be as yet.
          if (!stays && failed !== "remove" && failed !== "syncDirectory")
            await waitUntil(() => readdirSync(join(directory, "incoming")).length === left, about);
          const content = await contentOf(bucket, key);
          if (answer !== "broken" && answer.status < 300) assert.equal(content, afterSuccess, about);
          else {
            failures += 1;
            assert.ok(afterFailure.includes(content), `${about}: holds ${content?.slice(0, 3)}`);
            if (answer !== "broken")
              assert.deepEqual([answer.status, answer.code], [refusal.status, refusal.code], about);
            // What a sync failed of can't be trusted, though the next one may succeed.
            if (failed === "file.syncData") assert.equal(content, afterFailure[0], about);
          }
          if (answer !== "broken" && answer.status < 300) continue;
          const repeated = await attempt(bucket, key, uploadId);
          assert.ok(again.includes(repeated.status), `${about}: again ${repeated.status}`);
        }
    t.diagnostic(`${faults} faults, ${failures} of them fatal to the request`);
    assert.ok(failures > 10);
    await waitUntil(() => disk.openFiles() === 0, "the files to be closed");
    await assertTidy(bucket);
  });

/** After the next start nothing is left that nobody needs; the hour that it would give others is over. */
async function assertTidy({ bucket, directory }: TestBucket): Promise<void> {
  await bucket.close();
  const store = createDiskStore({
    directory,
    masterKey: createSecretKey(testMasterKey),
    operations: diskFileOperations,
    now: () => new Date(Date.now() + 2 * 60 * 60 * 1000),
  });
  await store.prepare();
  const { objects } = await store.list({ prefix: "", after: "", limit: 10_000 });
  const needed: string[] = [];
  for (const { key } of objects) {
    const directoryOfParts = (await store.metadataOf(key))?.parts?.directory;
    if (directoryOfParts !== undefined) needed.push(directoryOfParts);
  }
  const uploads = await store.uploads.list("");
  assert.deepEqual(await readdir(join(directory, "incoming")), []);
  assert.deepEqual((await readdir(join(directory, "parts"))).sort(), needed.sort());
  assert.deepEqual(
    (await readdir(join(directory, "uploads"))).sort(),
    uploads.map(({ uploadId }) => uploadId).sort(),
  );
}
