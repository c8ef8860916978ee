import assert from "node:assert/strict";
import { randomInt, randomUUID } from "node:crypto";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { addPerson, type Person } from "./harness/add-person.ts";
import type { Api } from "./harness/api-client.ts";
import { downloadOriginal, getMe, listAll } from "./harness/files.ts";
import { freePortPair } from "./harness/free-ports.ts";
import { makePng } from "./harness/images.ts";
import { cutParts, listParts, videoIntentOf } from "./harness/multipart.ts";
import { canSeeProcesses, isAlive, killEach } from "./harness/processes.ts";
import { makeFolder, removeFolder } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { putRequestOf, sendBytes, sha256Of } from "./harness/transfer.ts";
import {
  completeUpload,
  createUpload,
  type Intent,
  intentOf,
  isEnded,
  uploadToEnd,
} from "./harness/upload.ts";
import { makeVideo } from "./harness/videos.ts";
import { waitFor } from "./harness/wait-for.ts";
import type { StoredFile, Upload, UrlsAnswer } from "./harness/wire.ts";

const skip = canSeeProcesses ? false : "reads /proc, which only Linux has";

/** What a client remembers of one file that it sends. */
interface Sending {
  readonly isInParts: boolean;
  readonly bytes: Buffer;
  readonly intent: Intent;
  readonly isGood: boolean;
  readonly willAbort: boolean;
  uploadId?: string;
  /** The server answered 202 to complete. */
  acknowledged?: boolean;
  aborted?: boolean;
}

async function makeSending(index: number): Promise<Sending> {
  const willAbort = index % 7 === 6;
  if (index % 6 === 1) {
    const bytes = makeVideo(20_000_001);
    return { isInParts: true, bytes, intent: videoIntentOf(bytes), isGood: true, willAbort };
  }
  const isGood = index % 5 !== 4;
  const bytes = isGood
    ? await makePng({ width: 120, height: 90 })
    : Buffer.from(`no picture ${randomUUID()}`);
  return { isInParts: false, bytes, intent: intentOf(bytes), isGood, willAbort };
}

/** One file's way, from wherever it stopped; throws when the server dies under it. */
async function send(api: Api, sending: Sending): Promise<void> {
  const upload = await createUpload(api, sending.intent);
  sending.uploadId = upload.id;
  if (sending.willAbort) {
    if (sending.isInParts && upload.state === "pending") await sendMissingParts(api, upload, sending.bytes);
    if (upload.state !== "pending") return;
    const answer = await api.delete(`/v1/uploads/${upload.id}`);
    assert.ok(answer.status === 200 || answer.status === 204, answer.text);
    sending.aborted = true;
    return;
  }
  if (sending.isInParts) await sendMissingParts(api, upload, sending.bytes);
  else if (upload.state === "pending") {
    const { status } = await sendBytes(putRequestOf(upload), sending.bytes);
    assert.ok(status === 200 || status === 412, `PUT answered ${status}`);
  }
  await completeUpload(api, upload.id);
  sending.acknowledged = true;
}

/** Sends what the store does not have of a pending multipart, as a client does that was killed itself. */
async function sendMissingParts(api: Api, upload: Upload, bytes: Buffer): Promise<void> {
  if (upload.state !== "pending") return;
  const there = new Set((await listParts(api, upload.id)).map(({ partNumber }) => partNumber));
  for (const part of cutParts(upload, bytes)) {
    if (there.has(part.partNumber)) continue;
    const declared = { partNumber: part.partNumber, sha256: sha256Of(part.bytes) };
    const minted = await api.post<UrlsAnswer>(`/v1/uploads/${upload.id}/urls`, { parts: [declared] });
    assert.equal(minted.status, 200, minted.text);
    const [request] = minted.body.requests ?? [];
    // Past pending: the sweeper was faster.
    if (request === undefined) return;
    const { status } = await sendBytes(request, part.bytes);
    assert.ok(status === 200 || status === 404, `the PUT of a part answered ${status}`);
  }
}

/** Sends file after file until it is over; whatever goes wrong before that is a failure. */
async function keepSending(
  api: Api,
  begun: Sending[],
  failures: unknown[],
  isOver: () => boolean,
): Promise<void> {
  while (!isOver()) {
    const sending = await makeSending(begun.length);
    begun.push(sending);
    try {
      await send(api, sending);
    } catch (error) {
      if (!isOver()) failures.push(error);
    }
  }
}

async function assertCountersMatch(api: Api): Promise<void> {
  await waitFor(
    "reserved bytes and open uploads to be none",
    async () => {
      const me = await getMe(api);
      return me.reservedBytes === 0 && me.openUploads === 0;
    },
    { timeoutMs: 90_000, everyMs: 500 },
  );
  const files = [
    ...(await listAll<StoredFile>(api, "/v1/files")),
    ...(await listAll<StoredFile>(api, "/v1/files?scope=trash")),
  ];
  const sum = files.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);
  assert.equal((await getMe(api)).usedBytes, sum);
}

test("ten kills of everything under load lose nothing, change nothing and leave nothing stuck", {
  skip,
}, async () => {
  const dataDir = await makeFolder("killed");
  const port = await freePortPair();
  const set = { "limits.urlLifetimeSeconds": 15, "worker.leaseSeconds": 10, "worker.sweepSeconds": 2 };
  const start = () => startServer({ dataDir, port, set });
  const begun: Sending[] = [];
  const failures: unknown[] = [];
  let server = await start();
  try {
    const person = await addPerson(server);
    for (let round = 0; round < 10; round += 1) {
      let isOver = false;
      const senders = Array.from({ length: 4 }, () => keepSending(person.api, begun, failures, () => isOver));
      await delay(randomInt(100, 1500));
      isOver = true;
      await server.killAll();
      await Promise.all(senders);
      assert.deepEqual(failures, [], `before kill ${round + 1}`);
      server = await start();
      assert.equal(new URL(server.api).port, String(port));
    }
    await finishAll(person, begun);
    assert.ok(begun.filter(({ acknowledged }) => acknowledged).length > 30, "the load was too small to tell");
    assert.ok(
      begun.some(({ isInParts, acknowledged }) => isInParts && acknowledged),
      "no multipart arrived",
    );
    await assertCountersMatch(person.api);
    assert.equal(await server.stop(), true, `ended by itself: ${server.log().slice(-2000)}`);
  } finally {
    if (isAlive(server.pid)) await server.killAll();
    await removeFolder(dataDir);
  }
});

/** What was begun is taken to its end by its ref, and is then what it should be. */
async function finishAll({ api }: Person, begun: readonly Sending[]): Promise<void> {
  // What was aborted or rejected would open a new attempt under its ref; all others go on where they stopped.
  for (const sending of begun) if (!sending.aborted && !sending.acknowledged) await send(api, sending);

  const uploads = await waitFor(
    "every upload to end",
    async () => {
      const all = await listAll<Upload>(api, "/v1/uploads");
      return all.every(isEnded) && new Map(all.map((upload) => [upload.id, upload]));
    },
    { timeoutMs: 120_000, everyMs: 500 },
  );
  for (const sending of begun) {
    const upload = uploads.get(sending.uploadId ?? "");
    assert.ok(upload, `upload ${sending.uploadId} is gone`);
    // Killed between its last part and its abort, a multipart is whole, and the sweeper may have been faster. Of a PUT
    // that is to be aborted no byte was ever sent.
    const isWhole = sending.isInParts && !sending.aborted && upload.state === "ready";
    const isAborted = sending.willAbort && !isWhole;
    if (isAborted) {
      assert.equal(upload.state, "aborted");
    } else if (!sending.isGood) {
      assert.equal(upload.state, "rejected");
      assert.notEqual(upload.rejection?.code, "processing-failed");
    } else {
      assert.equal(upload.state, "ready", JSON.stringify(upload.rejection));
      const original = await downloadOriginal(api, upload.fileId);
      assert.equal(sha256Of(original.bytes), sha256Of(sending.bytes));
    }
  }
}

test("each process that dies alone is started again, and work goes on", { skip }, async () => {
  const server = await startServer();
  try {
    const person = await addPerson(server);
    for (const name of ["worker", "bucket", "api", "worker"] as const) {
      const pid = await waitFor(`a ${name} process`, () => server.process(name));
      const picture = await makePng();
      const pending = await createUpload(person.api, intentOf(picture));
      await killEach([pid]);
      await waitFor(`another ${name} process`, () => {
        const now = server.process(name);
        return now !== undefined && now !== pid && now;
      });
      await waitForReadiness(server);
      assert.equal(
        (await sendBytes(putRequestOf(pending), picture)).status,
        200,
        `the PUT after ${name} died`,
      );
      await completeUpload(person.api, pending.id);
      const other = await uploadToEnd(person.api, await makePng());
      assert.equal(other.state, "ready", `after ${name} died`);
    }
    const uploads = await waitFor("all uploads to end", async () => {
      const all = await listAll<Upload>(person.api, "/v1/uploads");
      return all.every(isEnded) && all;
    });
    assert.ok(uploads.every(({ state }) => state === "ready"));
    await assertCountersMatch(person.api);
  } finally {
    await server.stop();
  }
});

/** Every dependency answers again. */
async function waitForReadiness(server: Server): Promise<void> {
  await waitFor("the server to be ready again", async () => {
    const answer = await fetch(`${server.api}/readyz`).catch((error: unknown) => {
      if (error instanceof TypeError) return undefined;
      throw error;
    });
    return answer?.status === 200;
  });
}
