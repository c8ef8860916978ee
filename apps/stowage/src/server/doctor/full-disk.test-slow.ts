import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { mkdtemp, rmdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { checkDataDirectory } from "./check-data-directory.ts";

test("a full disk, and one that can only be read", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "stowage-full-disk-"));
  const mount = (...options: string[]) => spawnSync("mount", [...options, folder]).status === 0;
  if (process.platform !== "linux" || !mount("-t", "tmpfs", "-o", "size=64k,mode=700", "tmpfs"))
    return t.skip("no file system can be mounted here");
  t.after(async () => {
    spawnSync("umount", [folder]);
    await rmdir(folder);
  });
  const statuses = async () =>
    Object.fromEntries((await checkDataDirectory(folder)).map(({ check, status }) => [check, status]));
  const small = await statuses();
  assert.deepEqual([small["data-directory"], small["free-space"]], ["ok", "failed"]);
  assert.throws(() => writeFileSync(join(folder, "filler"), Buffer.alloc(1_000_000)), /ENOSPC/);
  assert.equal((await statuses())["data-directory"], "failed");
  assert.ok(mount("-o", "remount,ro"));
  const readOnly = await statuses();
  assert.deepEqual([readOnly["data-directory"], readOnly["hard-links"]], ["failed", "failed"]);
});
