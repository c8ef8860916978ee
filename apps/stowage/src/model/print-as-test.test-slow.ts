import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { runOnBrokenService } from "./broken-service.testing.ts";
import { LifecycleBrokenError, searchLifecycle } from "./search-lifecycle.testing.ts";

const runner = {
  name: "runOnBrokenService",
  module: new URL("./broken-service.testing.ts", import.meta.url).href,
};

test("a service that loses reservations is found, and told as a short test that fails by itself", async (t) => {
  const found = await searchLifecycle({ steps: 500, seed: 7, run: runOnBrokenService, runner }).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(found instanceof LifecycleBrokenError, String(found));
  t.diagnostic(found.test);
  assert.ok(found.steps.length <= 3, found.test);
  const folder = await mkdtemp(join(tmpdir(), "stowage-pasted-"));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, "pasted.test.ts");
  const runPasted = async (source: string) => {
    await writeFile(file, source);
    const { NODE_TEST_CONTEXT: _, ...env } = process.env;
    const { status, stdout } = spawnSync(process.execPath, ["--conditions=source", "--test", file], {
      encoding: "utf8",
      env,
    });
    return { status, stdout };
  };
  const pasted = await runPasted(found.test);
  assert.equal(pasted.status, 1, pasted.stdout);
  assert.match(pasted.stdout, /LifecycleRun|AssertionError/);
  const mended = found.test.replaceAll("runOnBrokenService", "runLifecycle");
  const sound = await runPasted(
    mended.replace(runner.module, new URL("./lifecycle-run.testing.ts", import.meta.url).href),
  );
  assert.equal(sound.status, 0, sound.stdout);
});
