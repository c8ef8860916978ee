import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { capturedRun } from "../../cli/testing/captured-run.ts";
import { temporaryFolder } from "../../cli/testing/temporary-folder.ts";
import { fillDataDirectory } from "../../testing/data-directory.ts";

test("where there is no room for a backup, or for what is in one, nothing is copied, and it is said", async (t) => {
  const small = mkdtempSync(join(tmpdir(), "stowage-small-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", small]).status === 0;
  t.after(() => {
    if (mounted) spawnSync("umount", [small]);
    rmdirSync(small);
  });
  if (process.platform !== "linux" || !mounted) return t.skip("no file system can be mounted here");
  const folder = await temporaryFolder(t);
  const dataDir = join(folder, "data");
  const place = join(folder, "backups");
  mkdirSync(dataDir, { mode: 0o700 });
  await fillDataDirectory(dataDir, ({ addFile }) => addFile(randomBytes(2_000_000)));
  assert.equal((await capturedRun(["backup", place, "--data", dataDir])).status, 0);

  const restored = await capturedRun(["restore", place, "--data", small]);
  assert.equal(restored.status, 1);
  assert.match(restored.said, /has .* free, and this backup needs about .*\. Nothing was restored\./);
  assert.deepEqual(readdirSync(small), []);

  const made = await capturedRun(["backup", small, "--data", dataDir]);
  assert.equal(made.status, 1);
  assert.match(made.said, /has .* free, and this backup needs about .*\. Nothing was copied\./);
  assert.equal((await capturedRun(["restore", small, "--data", join(folder, "other")])).status, 1);
});
