import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { test } from "node:test";
import { addPerson } from "./harness/add-person.ts";
import { assertArrivedOnce, assertLeavesNothing } from "./harness/assert-arrived-once.ts";
import { assertSaid } from "./harness/assert-said.ts";
import { putKilledTwice } from "./harness/put-killed-twice.ts";
import { makeFolder, removeFolder } from "./harness/run-cli.ts";
import { startServer } from "./harness/start-server.ts";
import { writeVideo } from "./harness/videos.ts";
import { startCommand } from "./harness/watched-command.ts";

const sizeBytes = 2_000_000_000;
const partSizeBytes = 8 * 1024 * 1024;
const partsInFlight = 4;

test("a file of 2 GB, killed twice on the way, arrives once with its hash, and comes back", {
  timeout: 580_000,
}, async (t) => {
  const folder = await makeFolder("large");
  t.after(() => removeFolder(folder));
  const server = await startServer({ set: { "worker.sweepSeconds": 1 } });
  t.after(() => server.stop());
  const person = await addPerson(server);
  const env = { STOWAGE_SERVER: server.api, STOWAGE_TOKEN: person.token };
  const path = join(folder, "film.mp4");
  const sha256 = await writeVideo(path, sizeBytes);
  // What the program takes where it has next to nothing to do.
  const { peakMemoryBytes: idleBytes } = await startCommand(["whoami"], { env }).result();

  const killed = await putKilledTwice(server, person, path, 300_000);
  const fileId = await assertArrivedOnce(server, person, killed, { path, sizeBytes, sha256 });
  const putBytes = killed.result.peakMemoryBytes - idleBytes;
  t.diagnostic(`put: ${Math.round(putBytes / 1e6)} MB above idle (${Math.round(idleBytes / 1e6)} MB)`);
  assert.ok(putBytes < partsInFlight * partSizeBytes + memorySlackBytes, `put took ${putBytes} above idle`);

  const copy = join(folder, "copy.mp4");
  const got = await startCommand(["get", fileId, "-o", copy], { env }).result();
  assertSaid(got, 0);
  const getBytes = got.peakMemoryBytes - idleBytes;
  t.diagnostic(`get: ${Math.round(getBytes / 1e6)} MB above idle`);
  assert.ok(getBytes < memorySlackBytes, `get took ${getBytes} above idle`);
  assert.equal(await sha256OfFile(copy), sha256);

  await assertLeavesNothing(server, person, fileId);
});

/** What the runtime takes for itself while it works: heap, code, buffers of sockets that wait to be collected. */
const memorySlackBytes = 250_000_000;

async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
