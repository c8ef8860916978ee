import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { once } from "node:events";
import { copyFile, mkdir, readdir, stat, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { rowOf } from "../queue/queue-store.contract.ts";
import type { QueueRow } from "../queue/queue-store.ts";
import { temporaryFolder } from "../testing/temporary-folder.contract.ts";
import { openFileQueueStore } from "./file-queue-store.ts";

const isFull = process.env.STOWAGE_TEST_LEVEL === "full";
const writer = fileURLToPath(new URL("./queue-writer.contract.ts", import.meta.url));

/** Starts the writer, kills it at some moment, and tells what it said that it had done. */
async function writeUntilKilled(folder: string, path: string, batch: number): Promise<readonly string[]> {
  const child = spawn(process.execPath, ["--conditions=source", writer, folder, path, String(batch)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  let said = "";
  let dies = false;
  const lines = randomInt(1, 60);
  for await (const piece of child.stdout.setEncoding("utf8")) {
    said += piece;
    if (dies || said.split("\n").length <= lines) continue;
    dies = true;
    // Not only just after it has said something.
    setTimeout(() => child.kill("SIGKILL"), randomInt(0, 8));
  }
  const [, signal] = await closed;
  assert.equal(signal, "SIGKILL");
  return said.split("\n").slice(0, -1);
}

const batchOf = ({ order }: QueueRow): number => order;

test("has all that a process was told is written, and batches whole, when that is killed", async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, "a.jpg");
  await writeFile(path, "words");
  const done = new Map<number, string>();
  let next = 0;
  const kills = isFull ? 300 : 30;
  for (let kill = 0; kill < kills; kill += 1) {
    for (const line of await writeUntilKilled(join(folder, "queue"), path, next)) {
      const [what = "", batch] = line.split(" ");
      done.set(Number(batch), what);
      next = Number(batch);
    }
    const store = await openFileQueueStore(join(folder, "queue"), "owner");
    const batches = Map.groupBy(await store.load(), batchOf);
    for (const [batch, rows] of batches) {
      assert.ok(batch <= next + 1, `${batch} after ${next}`);
      assert.equal(rows.length, 1 + (batch % 40), `batch ${batch} is there in part`);
    }
    for (const [batch, what] of done) {
      const [row] = batches.get(batch) ?? [];
      // What it did last it may have done, and not come to say.
      const isLast = batch === next;
      if (what === "erased") assert.equal(row, undefined, `batch ${batch} was erased`);
      else if (!(isLast && what === "kept" && !row)) assert.ok(row, `batch ${batch} is lost`);
      if (row && what === "kept") {
        assert.equal(row.isKept, true, `batch ${batch} was kept`);
        assert.equal((await store.source(row))?.absolutePath, path);
      }
    }
    // Another begins where this one was.
    await store.erase([...batches.values()].flat().map(({ id }) => id));
    store.close();
    done.clear();
    next += 2;
  }
  t.diagnostic(`${kills} kills, ${next} batches`);
});

test("leaves out the end of what was cut short, and nothing before it", async (t) => {
  const folder = await temporaryFolder(t);
  const store = await openFileQueueStore(join(folder, "queue"), "owner");
  t.after(() => store.close());
  const batches = Array.from({ length: 20 }, (_, batch) =>
    Array.from({ length: 1 + (batch % 5) }, (_row, index) => rowOf(`${batch}-${index}`, batch)),
  );
  for (const rows of batches) await store.write(rows);
  const [owner = ""] = await readdir(join(folder, "queue"));
  let cuts = 0;
  await fc.assert(
    fc.asyncProperty(fc.double({ min: 0, max: 1, noNaN: true }), async (share) => {
      cuts += 1;
      const copy = join(folder, `copy-${cuts}`);
      await mkdir(join(copy, owner), { recursive: true });
      for (const name of ["queue.sqlite", "queue.sqlite-wal"])
        await copyFile(join(folder, "queue", owner, name), join(copy, owner, name));
      const log = join(copy, owner, "queue.sqlite-wal");
      const { size } = await stat(log);
      await truncate(log, Math.floor(size * share));
      const cut = await openFileQueueStore(copy, "owner");
      const rows = await cut.load();
      cut.close();
      const whole = batches.slice(0, new Set(rows.map(batchOf)).size).flat();
      assert.deepEqual(rows, whole);
      if (share === 1) assert.deepEqual(rows, batches.flat());
    }),
    { numRuns: isFull ? 300 : 30, examples: [[1], [0]] },
  );
});
