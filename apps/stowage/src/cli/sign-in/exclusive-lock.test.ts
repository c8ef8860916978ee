import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { LockTimeoutError, withExclusiveLock } from "./exclusive-lock.ts";

const module = join(import.meta.dirname, "exclusive-lock.ts");

test("gives up after its time where another holds the lock, and does no work", async (t) => {
  const file = join(await temporaryFolder(t), "x.lock");
  let worked = false;
  await withExclusiveLock(file, 1000, async () => {
    const second = withExclusiveLock(file, 50, async () => {
      worked = true;
    });
    await assert.rejects(second, LockTimeoutError);
  });
  assert.equal(worked, false);
  assert.equal(await withExclusiveLock(file, 50, async () => 7), 7, "it is free again");
});

test("is let go where the work fails", async (t) => {
  const file = join(await temporaryFolder(t), "x.lock");
  await assert.rejects(
    withExclusiveLock(file, 50, () => Promise.reject(new Error("no"))),
    /^Error: no$/,
  );
  assert.equal(await withExclusiveLock(file, 50, async () => 7), 7);
});

test("falls with the process that held it, however that died", async (t) => {
  const file = join(await temporaryFolder(t), "x.lock");
  const script = `
    const { withExclusiveLock } = await import(${JSON.stringify(module)});
    await withExclusiveLock(${JSON.stringify(file)}, 1000, async () => {
      process.stdout.write("held");
      setInterval(() => undefined, 1000);
      await new Promise(() => undefined);
    });`;
  const child = spawn(process.execPath, ["--conditions=source", "--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  await assert.rejects(
    withExclusiveLock(file, 50, async () => 7),
    LockTimeoutError,
  );
  child.kill("SIGKILL");
  assert.equal(await withExclusiveLock(file, 10_000, async () => 7), 7);
});
