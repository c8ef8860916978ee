import assert from "node:assert/strict";
import { mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { describe, it, type TestContext, test } from "node:test";
import { bytesOf, queueStoreCases, rowOf } from "../queue/queue-store.contract.ts";
import { temporaryFolder } from "../testing/temporary-folder.contract.ts";
import { openFileQueueStore } from "./file-queue-store.ts";
import { type NodeSource, nodeSource } from "./node-source.ts";

describe("the queue store in a folder is a QueueStore that", () => {
  for (const { name, run } of queueStoreCases)
    it(name, async (t) => {
      const folder = await temporaryFolder(t);
      const newSource = async (fileName: string, bytes: Uint8Array) => {
        const path = join(await mkdtemp(join(folder, "files-")), fileName);
        await writeFile(path, bytes);
        return nodeSource(path);
      };
      await run<NodeSource>(
        {
          async open(owner) {
            const store = await openFileQueueStore(join(folder, "queue"), owner);
            t.after(() => store.close());
            return store;
          },
          newSource,
          async newLostSource(fileName) {
            const source = await newSource(fileName, bytesOf(10));
            await rm(source.path);
            return source;
          },
          read: async (bytes) => buffer(bytes.body()),
        },
        "owner",
      );
    });
});

const { signal } = new AbortController();

const keptAt = new Date("2026-01-01");

/** A file that is kept, as a program finds it that starts later. */
async function setUpKept(t: TestContext) {
  const folder = await temporaryFolder(t);
  const path = join(folder, "a.jpg");
  await writeFile(path, "the first words");
  await utimes(path, keptAt, keptAt);
  const row = rowOf("a", 1, { sizeBytes: 15, isKept: true });
  const before = await openFileQueueStore(join(folder, "queue"), "owner");
  await before.write([row]);
  await before.keep("a", await nodeSource(path), signal);
  before.close();
  const store = await openFileQueueStore(join(folder, "queue"), "owner");
  t.after(() => store.close());
  return { path, row, store, folder };
}

const changes: readonly (readonly [how: string, change: (path: string) => Promise<void>])[] = [
  ["has other bytes of the same length", (path) => writeFile(path, "the other words")],
  ["has grown", (path) => writeFile(path, "the first words and more")],
  ["was saved again with the same bytes", (path) => utimes(path, new Date(), new Date(0))],
  [
    "is another file with the same size and time",
    async (path) => {
      await writeFile(`${path}.new`, "the other words");
      await utimes(`${path}.new`, keptAt, keptAt);
      await rename(`${path}.new`, path);
    },
  ],
];
for (const [how, change] of changes)
  test(`gives no bytes of a file that ${how} since it was kept`, async (t) => {
    const { path, row, store } = await setUpKept(t);
    await change(path);
    await assert.rejects(store.source(row), { code: "file-changed" });
  });

test("has no source of a file that is gone, and has it again once it is back", async (t) => {
  const { path, row, store } = await setUpKept(t);
  await rename(path, `${path}.away`);
  assert.equal(await store.source(row), undefined);
  await rename(`${path}.away`, path);
  const source = await store.source(row);
  assert.equal(source?.absolutePath, path);
});

test("keeps nothing of a file that has changed since it was looked at", async (t) => {
  const { path, row, store } = await setUpKept(t);
  const seen = await nodeSource(path);
  await writeFile(path, "something else!");
  await assert.rejects(store.keep("b", seen, signal), { code: "file-changed" });
  assert.equal(await store.source({ ...row, id: "b" }), undefined);
});

test("lets nobody else on the machine look into the queue, nor see whose it is", async (t) => {
  const { folder } = await setUpKept(t);
  const [name = ""] = await readdir(join(folder, "queue"));
  assert.match(name, /^[0-9a-f]{32}$/);
  assert.equal((await stat(join(folder, "queue", name))).mode & 0o777, 0o700);
});

test("opens nothing that a newer version of this package has written", async (t) => {
  const { DatabaseSync } = await import("node:sqlite");
  const { folder, store } = await setUpKept(t);
  store.close();
  const [name = ""] = await readdir(join(folder, "queue"));
  const database = new DatabaseSync(join(folder, "queue", name, "queue.sqlite"));
  database.exec("PRAGMA user_version = 2");
  database.close();
  await assert.rejects(openFileQueueStore(join(folder, "queue"), "owner"), /another version/);
});
