import assert from "node:assert/strict";
import { test } from "node:test";
import { addPerson } from "../harness/add-person.ts";
import { downloadOriginal, getMe } from "../harness/files.ts";
import { freePortPair } from "../harness/free-ports.ts";
import { makePng } from "../harness/images.ts";
import { canSeeProcesses, childrenOf, isAlive, killEach } from "../harness/processes.ts";
import { makeFolder, removeFolder } from "../harness/run-cli.ts";
import { type Server, startServer } from "../harness/start-server.ts";
import { completeUpload, sendUpload, uploadToEnd, waitForEnd } from "../harness/upload.ts";
import { waitFor } from "../harness/wait-for.ts";

const skip = canSeeProcesses ? false : "reads /proc, which only Linux has";

/** Stops a process at a moment at which it does not hold the database's lock. */
async function stopOutsideTransaction({ api }: Server, pid: number): Promise<void> {
  await waitFor("a moment outside of a transaction", async () => {
    process.kill(pid, "SIGSTOP");
    const { status } = await fetch(`${api}/readyz`);
    if (status !== 200) process.kill(pid, "SIGCONT");
    return status === 200;
  });
}

test("a worker that hung while its supervisor was killed keeps nobody from starting again, and ends when it wakes", {
  skip,
}, async () => {
  const dataDir = await makeFolder("outlived");
  const port = await freePortPair();
  const start = () =>
    startServer({ dataDir, port, set: { "worker.leaseSeconds": 2, "worker.concurrency": 1 } });
  let server = await start();
  let hung = 0;
  try {
    const { api } = await addPerson(server);
    // Some of these are under way, some wait, when it is stopped.
    const pictures = await Promise.all(
      Array.from({ length: 6 }, () => makePng({ width: 1200, height: 900 })),
    );
    const uploads = [];
    for (const picture of pictures) uploads.push(await sendUpload(api, picture));
    for (const { id } of uploads) await completeUpload(api, id);
    hung = server.process("worker") ?? assert.fail("there is no worker");
    await stopOutsideTransaction(server, hung);
    const others = childrenOf(server.pid).filter((pid) => pid !== hung);
    await killEach([server.pid]);
    await waitFor("the others to end with their supervisor", () => others.every((pid) => !isAlive(pid)));
    assert.ok(isAlive(hung), "one that hangs hears nothing of it");

    server = await start();
    for (const [index, { id, fileId }] of uploads.entries()) {
      assert.equal((await waitForEnd(api, id)).state, "ready");
      assert.deepEqual((await downloadOriginal(api, fileId)).bytes, pictures[index]);
    }
    const me = await getMe(api);
    process.kill(hung, "SIGCONT");
    await waitFor("the worker to end", () => !isAlive(hung));
    assert.deepEqual(await getMe(api), me);
    assert.equal((await uploadToEnd(api, await makePng())).state, "ready");
    assert.equal(await server.stop(), true, server.log().slice(-2000));
  } finally {
    await killEach([hung].filter((pid) => pid !== 0));
    if (isAlive(server.pid)) await server.killAll();
    await removeFolder(dataDir);
  }
});
