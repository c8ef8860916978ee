import assert from "node:assert/strict";
import { globSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { CreateUploadsResponse, Upload } from "@stowage/protocol";
import {
  ask,
  askPatiently,
  createOne,
  getMe,
  getUpload,
  intentOf,
  makePicture,
  putRequestOf,
  send,
  until,
  uploadPicture,
} from "../testing/machine-client.ts";
import { type Machine, makeMachine, type StartedProcess } from "../testing/start-processes.ts";

/** Debian's `faketime`. */
const [libfaketime] = globSync("/usr/lib/*/faketime/libfaketime.so.1");
assert.ok(libfaketime, "faketime is not installed: npm run test:setup");

let dataDir: string;
let machine: Machine;
let api: StartedProcess;
let token: string;

/** Sets the clock of the processes that were started {@link withSetClock}; their timers run on as they should. */
const setClock = (offset: string): void => writeFileSync(join(dataDir, "clock"), `${offset}\n`);

const withSetClock = () => ({
  env: {
    LD_PRELOAD: libfaketime,
    FAKETIME_TIMESTAMP_FILE: join(dataDir, "clock"),
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
  },
});

/** One that starts with the right clock, which then steps: with a wrong one it does not even start. */
async function startAndStep(name: "api" | "worker", offset: string): Promise<StartedProcess> {
  setClock("+0");
  const started = await machine.start(name, withSetClock());
  setClock(offset);
  return started;
}

before(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "stowage-clock-skew-"));
  machine = await makeMachine(dataDir, ["worker.sweepSeconds=1", "bucket.eventDelaySeconds=0"]);
  [, api] = await Promise.all([machine.start("bucket"), machine.start("api")]);
  token = await machine.addPerson("ann");
});
after(async () => {
  await machine.stop();
  await rm(dataDir, { recursive: true });
});

const untilReady = (id: string): Promise<Upload> =>
  until("the upload to be ready", async () => {
    const now = await getUpload(api.origin, token, id);
    return now.state === "ready" && now;
  });

test("an API process whose clock is an hour ahead mints what the bucket refuses, and says that it is not ready; another one's requests work", async () => {
  const wrong = await startAndStep("api", "+1h");
  const picture = makePicture();
  const intent = intentOf(picture);
  const { upload } = await createOne(wrong.origin, token, intent);
  assert.ok(upload, "a create asks nobody for the time");
  assert.equal(await send(putRequestOf(upload), picture), 403);
  assert.equal((await ask(wrong.origin, token, "POST", `/v1/uploads/${upload.id}/complete`)).status, 503);
  assert.equal((await ask(wrong.origin, token, "GET", "/readyz")).status, 503);
  assert.equal(await wrong.stop(), 0);

  const again = await ask<CreateUploadsResponse>(api.origin, token, "POST", "/v1/uploads", {
    files: [intent],
  });
  const same = again.body.items[0]?.upload;
  assert.ok(same && "ref" in same);
  assert.equal(same.id, upload.id);
  assert.equal(await send(putRequestOf(same), picture), 200);
  const completed = await askPatiently(api.origin, token, "POST", `/v1/uploads/${same.id}/complete`);
  assert.equal(completed.status, 202);
  const worker = await machine.start("worker");
  await untilReady(same.id);
  assert.equal(await worker.stop(), 0);
  assert.equal((await getMe(api.origin, token)).reservedBytes, 0);
});

test("an API process whose clock is an hour behind takes no token that is from its future, and says that it is not ready", async () => {
  const wrong = await startAndStep("api", "-1h");
  const intent = intentOf(makePicture());
  const { status } = await ask(wrong.origin, token, "POST", "/v1/uploads", { files: [intent] });
  assert.equal(status, 401);
  assert.equal((await ask(wrong.origin, token, "GET", "/readyz")).status, 503);
  assert.equal(await wrong.stop(), 0);
  assert.equal((await getMe(api.origin, token)).reservedBytes, 0);
});

for (const offset of ["+1h", "-1h"])
  test(`what a worker whose clock is ${offset} off could not verify is verified as soon as another one is there`, async () => {
    const wrong = await startAndStep("worker", offset);
    const { id } = await uploadPicture(api.origin, token, makePicture());
    const isPostponed = async () => {
      const { events = [] } = await getUpload(api.origin, token, id);
      return events.some(({ type }) => type === "postponed");
    };
    // One that is behind does not think that its time has come.
    if (offset === "+1h") await until("the worker to give it back", isPostponed);
    assert.equal(await wrong.stop(), 0, wrong.log());
    const worker = await machine.start("worker");
    const { state } = await untilReady(id);
    assert.equal(state, "ready");
    assert.equal(await worker.stop(), 0);
  });

test("a machine whose clock was an hour ahead takes up at once what it left then, when its clock is set right", async () => {
  await machine.stop();
  setClock("+1h");
  const ahead = withSetClock();
  [, api] = await Promise.all([machine.start("bucket", ahead), machine.start("api", ahead)]);
  const worker = await machine.start("worker", ahead);
  const uploaded = await uploadPicture(api.origin, token, makePicture());
  await untilReady(uploaded.id);
  await worker.kill();
  const waiting = await uploadPicture(api.origin, token, makePicture());
  await machine.stop();
  [, api] = await Promise.all([machine.start("bucket"), machine.start("api"), machine.start("worker")]);
  await untilReady(waiting.id);
  const me = await getMe(api.origin, token);
  assert.deepEqual([me.reservedBytes, me.openUploads], [0, 0]);
});
