import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { addPerson } from "./harness/add-person.ts";
import { assertArrivedOnce, assertLeavesNothing } from "./harness/assert-arrived-once.ts";
import { assertSaid } from "./harness/assert-said.ts";
import { canSeeProcesses } from "./harness/processes.ts";
import { putKilledTwice } from "./harness/put-killed-twice.ts";
import { jsonLines, makeFolder, removeFolder, runCli } from "./harness/run-cli.ts";
import { startServer } from "./harness/start-server.ts";
import { writeVideo } from "./harness/videos.ts";

const sizeBytes = 150_000_000;

test("a file of 150 MB, killed twice on the way, arrives once with its hash", {
  skip: canSeeProcesses ? false : "needs /proc",
  timeout: 300_000,
}, async (t) => {
  const folder = await makeFolder("large");
  t.after(() => removeFolder(folder));
  const server = await startServer({ set: { "worker.sweepSeconds": 1 } });
  t.after(() => server.stop());
  const person = await addPerson(server);
  const path = join(folder, "film.mp4");
  const sha256 = await writeVideo(path, sizeBytes);

  const killed = await putKilledTwice(server, person, path, 120_000);
  const fileId = await assertArrivedOnce(server, person, killed, { path, sizeBytes, sha256 });

  const env = { STOWAGE_SERVER: server.api, STOWAGE_TOKEN: person.token };
  const again = await runCli(["put", path, "--json"], { env });
  assertSaid(again, 0);
  assert.deepEqual(jsonLines(again.stdout), [
    { file: path, id: fileId, state: "ready", sha256, alreadyThere: true },
  ]);
  await assertLeavesNothing(server, person, fileId);
});
