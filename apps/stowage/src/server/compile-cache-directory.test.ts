import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";

const file = new URL("./compile-cache-directory.ts", import.meta.url).href;

/** What a process answers that was started so. */
function answerWith(environment: Readonly<Record<string, string>>): string {
  const program = `import { compileCacheDirectory } from ${JSON.stringify(file)};
    process.stdout.write(compileCacheDirectory("/data/cache"));`;
  return execFileSync(process.execPath, ["--input-type=module", "--eval", program], {
    env: { PATH: process.env.PATH, ...environment },
    encoding: "utf8",
  });
}

test("processes compile into the command's own cache, and into the data directory's where it has none", () => {
  const folder = mkdtempSync(join(tmpdir(), "stowage-compile-"));
  try {
    assert.equal(answerWith({ NODE_COMPILE_CACHE: folder }), folder);
    const modes = readdirSync(folder).map((name) => statSync(join(folder, name)).mode & 0o777);
    assert.deepEqual(modes, [0o700]);
    assert.equal(answerWith({}), "/data/cache");
    // Node makes none there.
    assert.equal(answerWith({ NODE_COMPILE_CACHE: join("/dev/null", "cache") }), "/data/cache");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
