import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { createSqliteMetadataStore } from "./create-sqlite-metadata-store.ts";
import { createOf, makeTestFolder, newItem, newOwner, type TestFolder } from "./database.testing.ts";
import { openSqlite } from "./sqlite-connection.ts";

const writer = fileURLToPath(new URL("writer.testing.ts", import.meta.url));
const writerArguments = (howMany: number) => ["--conditions=source", writer, folder.file, String(howMany)];

let folder: TestFolder;
beforeEach(() => {
  folder = makeTestFolder();
});
afterEach(() => folder.remove());

interface Writer {
  readonly child: ChildProcess;
  /** Ids that were acknowledged, as they come. */
  readonly acknowledged: string[];
  readonly ended: Promise<number | null>;
}

function collect(child: ChildProcess): Writer {
  const acknowledged: string[] = [];
  let rest = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    acknowledged.push(...lines);
  });
  return { child, acknowledged, ended: new Promise((resolve) => child.on("close", resolve)) };
}

const startWriter = (howMany: number): Writer =>
  collect(spawn(process.execPath, writerArguments(howMany), { stdio: ["ignore", "pipe", "inherit"] }));

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("two processes that write as fast as they can both get on, and lose nothing", async () => {
  const store = await createSqliteMetadataStore({ file: folder.file });
  const ownerId = await newOwner(store);
  const other = startWriter(400);
  await until(() => other.acknowledged.length > 0);
  let own = 0;
  let longestMs = 0;
  let done = false;
  void other.ended.then(() => {
    done = true;
  });
  while (!done) {
    const fromMs = performance.now();
    await Promise.all(Array.from({ length: 10 }, () => store.createUploads(createOf(ownerId, [newItem()]))));
    longestMs = Math.max(longestMs, performance.now() - fromMs);
    own += 10;
  }
  assert.equal(await other.ended, 0);
  assert.ok(own >= 50, `${own} creates beside the other's 400`);
  assert.ok(longestMs < 5000, `a create took ${longestMs} ms`);
  const owner = await store.findPrincipal(ownerId);
  assert.deepEqual([owner?.openUploads, owner?.reservedBytes], [400 + own, (400 + own) * 1000]);
  await store.close();
});

test("what a writer acknowledged is there after it was killed, and nothing is there by half", async () => {
  for (let round = 0; round < 5; round += 1) {
    const { child, acknowledged, ended } = startWriter(100_000);
    await until(() => acknowledged.length > 20 + round * 10);
    child.kill("SIGKILL");
    await ended;
    const store = await createSqliteMetadataStore({ file: folder.file });
    const found = await store.findUploads(acknowledged);
    assert.equal(found.length, acknowledged.length);
    await store.close();
    const connection = openSqlite(folder.file);
    assert.deepEqual({ ...connection.get<object>("PRAGMA integrity_check") }, { integrity_check: "ok" });
    const counts = connection.get<Record<string, number>>(
      `SELECT (SELECT count(*) FROM uploads) uploads, (SELECT count(*) FROM upload_events) events,
         (SELECT count(*) FROM audit_events) audit, (SELECT open_uploads FROM principals) open,
         (SELECT reserved_bytes FROM principals) / 1000 reserved`,
    );
    assert.ok(counts);
    assert.equal(new Set(Object.values(counts)).size, 1, JSON.stringify(counts));
    connection.close();
  }
});

test("a disk that takes no more bytes ends a create as unavailable, and keeps what it acknowledged", async () => {
  await (await createSqliteMetadataStore({ file: folder.file })).close();
  const limitKb = Math.ceil(statSync(folder.file).size / 1024) + 1500;
  const child = spawn(
    "bash",
    [
      "-c",
      'ulimit -f "$1"; shift; exec "$@"',
      "limited",
      String(limitKb),
      process.execPath,
      ...writerArguments(100_000),
    ],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const { acknowledged, ended } = collect(child);
  assert.equal(await ended, 1);
  assert.match(said, /MetadataUnavailableError/);
  const store = await createSqliteMetadataStore({ file: folder.file });
  for (const id of acknowledged) assert.ok(await store.findUpload(id), id);
  assert.ok(acknowledged.length > 10);
  await store.close();
});

const trace = ["-f", "-c", "-e", "trace=fsync,fdatasync"];
const canTrace = spawnSync("strace", [...trace, "-o", "/dev/null", "true"]).status === 0;

/** Syncs of the disk by these writers at once. */
async function countSyncs(
  ...writers: readonly (readonly [howMany: number, atOnce: number])[]
): Promise<number> {
  const reports = await Promise.all(
    writers.map(async ([howMany, atOnce], index) => {
      const report = join(dirname(folder.file), `syncs-${index}`);
      const words = [...trace, "-o", report, process.execPath, ...writerArguments(howMany), String(atOnce)];
      const { ended } = collect(spawn("strace", words, { stdio: ["ignore", "pipe", "inherit"] }));
      assert.equal(await ended, 0);
      return readFileSync(report, "utf8");
    }),
  );
  // % time, seconds, microseconds a call, calls, name
  const rows = reports.flatMap((report) => [
    ...report.matchAll(/^ *[\d.]+ +[\d.]+ +\d+ +(\d+) +(?:fsync|fdatasync)$/gm),
  ]);
  return rows.reduce((sum, [, calls]) => sum + Number(calls), 0);
}

const skip = !canTrace && "strace is not there or may not trace";

test("a commit syncs the disk once", { skip }, async () => {
  await countSyncs([1, 1]);
  const few = await countSyncs([10, 1]);
  assert.ok(few > 10, `${few} syncs`);
  assert.equal((await countSyncs([60, 1])) - few, 50);
});

test("creates at once share their syncs, in each of two processes that write one file", {
  skip,
}, async (t) => {
  await countSyncs([1, 1]);
  const syncs = await countSyncs([200, 20], [200, 20]);
  t.diagnostic(`${syncs} syncs for 400 creates, 20 at once in each of two processes`);
  assert.ok(syncs < 400 / 4, `${syncs} syncs for 400 creates`);
  const store = await createSqliteMetadataStore({ file: folder.file });
  const owner = await store.findPrincipal(await newOwner(store));
  assert.equal(owner?.openUploads, 401);
  await store.close();
});
