import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { describe, it, type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { queueLockCases } from "../queue/queue-lock.contract.ts";
import { temporaryFolder } from "../testing/temporary-folder.contract.ts";
import { createFileLock } from "./file-lock.ts";

describe("the lock on a file is a QueueLock that", () => {
  for (const { name, run } of queueLockCases)
    it(name, async (t) => {
      const folder = await temporaryFolder(t);
      await run((lock) => createFileLock(join(folder, encodeURIComponent(lock))), "queue");
    });
});

const { signal } = new AbortController();

/** Another process that leads until it is killed. */
async function startLeader(t: TestContext, file: string) {
  const script = `
    const { createFileLock } = await import(${JSON.stringify(import.meta.resolve("./file-lock.ts"))});
    const { signal } = new AbortController();
    const lead = await createFileLock(${JSON.stringify(file)}).acquire(signal, () => false);
    console.log("leads");
    setInterval(() => lead, 1000);`;
  const child = spawn(process.execPath, ["--conditions=source", "--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child;
}

test("waits for a process that leads, and leads once that is killed", async (t) => {
  const file = join(await temporaryFolder(t), "lead");
  const leader = await startLeader(t, file);
  const order: string[] = [];
  const leading = createFileLock(file)
    .acquire(signal, () => false)
    .then((lead) => {
      order.push("leads");
      return lead;
    });
  // It has looked by then, and could have had it.
  await setImmediate();
  order.push("killed");
  leader.kill("SIGKILL");
  (await leading).release();
  assert.deepEqual(order, ["killed", "leads"]);
});

test("says that it can't lock in a folder that is not there", async (t) => {
  const lock = createFileLock(join(await temporaryFolder(t), "none", "lead"));
  await assert.rejects(
    lock.acquire(signal, () => false),
    /unable to open/,
  );
  await assert.rejects(
    lock.acquire(signal, () => false),
    /unable to open/,
  );
});
