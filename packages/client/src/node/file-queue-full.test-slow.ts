import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { temporaryFolder } from "../testing/temporary-folder.contract.ts";

const filler = fileURLToPath(new URL("./queue-filler.contract.ts", import.meta.url));
const canMount = spawnSync("unshare", ["-rm", "true"]).status === 0;

const ways = [
  {
    how: "the disk is full",
    skip: canMount ? false : "needs unshare(1) and the right to mount",
    shell: ["unshare", "-rm", "sh", "-c", 'mount -t tmpfs -o size=600k none "$0" && exec "$@"'],
  },
  {
    how: "its files may not grow",
    skip: process.platform === "win32" ? "needs ulimit" : false,
    shell: ["sh", "-c", 'ulimit -f 500; exec "$@"'],
  },
] as const;

for (const { how, skip, shell } of ways)
  test(`says so where ${how}, and leaves nothing behind of what had no room`, { skip }, async (t) => {
    const folder = await temporaryFolder(t);
    const queue = join(folder, "queue");
    await mkdir(queue);
    await writeFile(join(folder, "a.jpg"), "words");
    const [command, ...args] = shell;
    const { stdout, stderr, status } = spawnSync(
      command,
      [...args, queue, process.execPath, "--conditions=source", filler, queue, join(folder, "a.jpg")],
      // What it compiles it could not write.
      { encoding: "utf8", env: { ...process.env, NODE_COMPILE_CACHE: undefined } },
    );
    assert.equal(status, 0, stderr);
    const { code, keepCode, written, rows, after, isNothingKept } = JSON.parse(stdout);
    t.diagnostic(`${written} batches had room`);
    assert.deepEqual([code, keepCode], ["storage-full", "storage-full"]);
    assert.ok(written > 1);
    assert.deepEqual([rows, after, isNothingKept], [written * 10, written * 10, true]);
  });
