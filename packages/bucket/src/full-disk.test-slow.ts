import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { filesBelow } from "./testing/temporary-directory.ts";
import { startTestBucket, type TestBucket } from "./testing/test-bucket.ts";

/** A file system of 24 MB with so many inodes, or why there is none. */
async function mountSmall(t: TestContext, inodes: number): Promise<{ path: string } | { reason: string }> {
  if (process.platform !== "linux" || process.getuid?.() !== 0)
    return { reason: "a small file system can only be mounted by root, on Linux" };
  const parent = await mkdtemp(join(tmpdir(), "stowage-bucket-"));
  const image = join(parent, "disk");
  const path = join(parent, "mounted");
  mkdirSync(path);
  let isMounted = false;
  t.after(async () => {
    // At once for everybody, though a server that failed the test may still be at it.
    if (isMounted) execFileSync("umount", ["--lazy", path]);
    await rm(parent, { recursive: true, force: true });
  });
  try {
    execFileSync("truncate", ["-s", "24M", image]);
    execFileSync("mkfs.ext4", ["-q", "-F", "-m", "0", "-N", String(inodes), image], { stdio: "pipe" });
    execFileSync("mount", ["-o", "loop", image, path], { stdio: "pipe" });
    isMounted = true;
  } catch (error) {
    return { reason: `no small file system can be mounted here: ${String(error).split("\n", 1)[0]}` };
  }
  return { path };
}

/** Puts objects until one is refused; resolves with those that were not. */
async function fill(bucket: TestBucket, sizeBytes: number): Promise<Map<string, Buffer>> {
  const stored = new Map<string, Buffer>();
  for (let index = 0; index < 2000; index += 1) {
    const key = `k/${index}`;
    const content = randomBytes(sizeBytes);
    const { status, code } = await bucket.put(key, content, { "if-none-match": "*" });
    if (status !== 200) {
      assert.deepEqual([status, code], [507, "InsufficientStorage"]);
      return stored;
    }
    stored.set(key, content);
  }
  return assert.fail("the disk is never full");
}

for (const [what, inodes, sizeBytes] of [
  ["room", 1024, 700_000],
  ["inodes", 128, 100],
] as const)
  test(`a disk without ${what} is said to be full, keeps all that was stored, and takes more once there is some`, async (t) => {
    const mounted = await mountSmall(t, inodes);
    if ("reason" in mounted) return t.skip(mounted.reason);
    const directory = join(mounted.path, "data");
    const bucket = await startTestBucket(t, { directory });
    const upload = await bucket.signed("POST", "parts?uploads=");
    const uploadId = /<UploadId>(\w+)</.exec(String(upload.body))?.[1] ?? assert.fail();
    const stored = await fill(bucket, sizeBytes);
    assert.ok(stored.size > 10);

    // Whatever needs room is refused, and leaves nothing and changes nothing.
    const large = randomBytes(2_000_000);
    assert.equal((await bucket.put("k/0", large)).status, 507);
    const part = await bucket.signed("PUT", `parts?partNumber=1&uploadId=${uploadId}`, { body: large });
    assert.equal(part.status, 507);
    assert.deepEqual(filesBelow(join(directory, "incoming")), []);
    const assertAllThere = async (server: TestBucket): Promise<void> => {
      for (const [key, content] of stored) assert.ok((await server.get(key)).body.equals(content), key);
    };
    await assertAllThere(bucket);

    // It starts again as it is, and what is removed makes room.
    await bucket.bucket.close();
    const again = await startTestBucket(t, { directory });
    await assertAllThere(again);
    for (const key of [...stored.keys()].slice(0, 8)) {
      assert.equal((await again.signed("DELETE", key)).status, 204);
      stored.delete(key);
    }
    assert.equal((await again.put("k/new", large)).status, 200);
    assert.ok((await again.get("k/new")).body.equals(large));
    await assertAllThere(again);
    await again.bucket.close();
  });
