import assert from "node:assert/strict";
import { createHash, createSecretKey, randomInt } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { createDiskStore, type DiskStore } from "./storage/disk-store.ts";
import { diskFileOperations } from "./storage/file-operations.ts";
import { startBucketProcess } from "./testing/start-bucket-process.ts";
import { getContent, testMasterKey } from "./testing/stored-content.ts";
import { filesBelow, temporaryDirectory } from "./testing/temporary-directory.ts";
import { type Answer, clientOf, type TestBucket } from "./testing/test-bucket.ts";
import { waitUntil } from "./testing/wait-until.ts";

type Client = Pick<TestBucket, "put" | "signed">;
type Content = string | undefined;

const workers = 6;
const rounds = 6;
const keysPerWorker = 4;

/** Without an answer, or with one that was not to be, a change may have happened or not. */
async function expectOk(answer: Promise<Answer>): Promise<string> {
  const { status, body } = await answer;
  assert.ok(status === 200 || status === 204, `${status} ${body}`);
  return String(body);
}

/** A user of keys that are theirs alone, who remembers what each may hold. */
class Worker {
  readonly possible = new Map<string, Set<Content>>();
  /** Uploads that were begun, and the part that was acknowledged, if one was. */
  readonly openUploads = new Map<string, { readonly key: string; part?: string }>();
  readonly #prefix: string;
  changes = 0;

  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  #anyKey(): string {
    return `${this.#prefix}/aa${randomInt(keysPerWorker)}`;
  }

  #newContent(): string {
    return `${this.#prefix} ${this.changes} ${Math.random()} `.repeat(randomInt(1, 8000));
  }

  async #change(key: string, content: Content, work: () => Promise<unknown>): Promise<void> {
    const before = this.possible.get(key) ?? new Set([undefined]);
    this.possible.set(key, new Set([...before, content]));
    await work();
    this.possible.set(key, new Set([content]));
    this.changes += 1;
  }

  async #begin(client: Client, key: string): Promise<string> {
    const xml = await expectOk(client.signed("POST", `${key}?uploads=`));
    const uploadId = /<UploadId>(\w+)</.exec(xml)?.[1] ?? assert.fail(xml);
    this.openUploads.set(uploadId, { key });
    return uploadId;
  }

  async #sendPart(client: Client, key: string, uploadId: string, content: string): Promise<void> {
    await expectOk(client.signed("PUT", `${key}?partNumber=1&uploadId=${uploadId}`, { body: content }));
    this.openUploads.set(uploadId, { key, part: content });
  }

  async step(client: Client): Promise<void> {
    const key = this.#anyKey();
    const content = this.#newContent();
    const kind = randomInt(8);
    if (kind < 3) return this.#change(key, content, () => expectOk(client.put(key, content)));
    if (kind === 3) return this.#change(key, undefined, () => expectOk(client.signed("DELETE", key)));
    if (kind === 4) {
      const from = this.#anyKey();
      const [held] = this.possible.get(from) ?? [];
      if (held === undefined || this.possible.get(from)?.size !== 1 || from === key) return;
      const headers = { "x-amz-copy-source": `/test-bucket/${from}` };
      return this.#change(key, held, () => expectOk(client.signed("PUT", key, { headers })));
    }
    const uploadId = await this.#begin(client, key);
    await this.#sendPart(client, key, uploadId, content);
    if (kind === 5) return;
    // From here on it may be over.
    this.openUploads.delete(uploadId);
    if (kind === 6) {
      await expectOk(client.signed("DELETE", `${key}?uploadId=${uploadId}`));
      return;
    }
    const etag = createHash("md5").update(content).digest("hex");
    const body = `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part></CompleteMultipartUpload>`;
    await this.#change(key, content, () =>
      expectOk(client.signed("POST", `${key}?uploadId=${uploadId}`, { body })),
    );
  }
}

/** A store that was started two hours from now, when nobody is given any more time. */
async function openLater(directory: string): Promise<DiskStore> {
  const store = createDiskStore({
    directory,
    masterKey: createSecretKey(testMasterKey),
    operations: diskFileOperations,
    now: () => new Date(Date.now() + 2 * 60 * 60 * 1000),
  });
  await store.prepare();
  return store;
}

test("kill -9 while objects are put, joined, copied and removed loses nothing, and leaves no file that nobody needs", async (t) => {
  const directory = join(await temporaryDirectory(t), "data");
  const all = Array.from({ length: workers }, (_, index) => new Worker(`w${index}`));
  const changes = (): number => all.reduce((sum, { changes: each }) => sum + each, 0);
  for (let round = 0; round < rounds; round += 1) {
    const { kill, origin } = await startBucketProcess(t, directory);
    const client = clientOf(origin);
    let isDead = false;
    const atWork = Promise.all(
      all.map(async (worker) => {
        try {
          while (!isDead) await worker.step(client);
        } catch (error) {
          if (!isDead) throw error;
        }
      }),
    );
    const before = changes();
    await Promise.race([
      atWork,
      waitUntil(() => changes() >= before + 40 + randomInt(40), "enough changes", 60_000),
    ]);
    isDead = true;
    await kill();
    await atWork;
  }

  const store = await openLater(directory);
  const partDirectories = new Set<string>();
  let objects = 0;
  for (const { possible } of all)
    for (const [key, contents] of possible) {
      const content = (await getContent(store, key))?.toString();
      assert.ok(contents.has(content), `${key} holds ${content?.slice(0, 40)}`);
      if (content !== undefined) objects += 1;
      const parts = (await store.metadataOf(key))?.parts;
      if (parts) partDirectories.add(parts.directory);
    }
  const uploads = await store.uploads.list("");
  for (const { openUploads } of all)
    for (const [uploadId, { part }] of openUploads) {
      const upload = uploads.find((one) => one.uploadId === uploadId) ?? assert.fail("an upload is lost");
      const { parts } = await store.uploads.listParts(upload, { after: 0, limit: 10 });
      const etag = part && createHash("md5").update(part).digest("hex");
      if (etag)
        assert.deepEqual(
          parts.map((one) => one.etag),
          [etag],
        );
    }

  assert.deepEqual(readdirSync(join(directory, "incoming")), []);
  assert.equal(filesBelow(join(directory, "objects")).length, objects);
  assert.deepEqual(readdirSync(join(directory, "parts")).sort(), [...partDirectories].sort());
  assert.deepEqual(
    readdirSync(join(directory, "uploads")).sort(),
    uploads.map(({ uploadId }) => uploadId).sort(),
  );
  t.diagnostic(
    `${rounds} kills, ${changes()} acknowledged changes, ${objects} objects, ${uploads.length} uploads`,
  );
});
