import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { createApi } from "./harness/api-client.ts";
import { deleteFile, downloadOriginal, getFile, listAll } from "./harness/files.ts";
import { freePortPair } from "./harness/free-ports.ts";
import { makePng } from "./harness/images.ts";
import { createMultipart, listParts, type Multipart, sendParts } from "./harness/multipart.ts";
import { canSeeProcesses, isAlive } from "./harness/processes.ts";
import { jsonLines, makeFolder, removeFolder, runCli, spawnCli } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes, sha256Of } from "./harness/transfer.ts";
import {
  completeUpload,
  createUpload,
  emptyPromise,
  getUpload,
  sendUpload,
  uploadToEnd,
  waitForEnd,
} from "./harness/upload.ts";
import { makeVideo } from "./harness/videos.ts";
import { waitFor } from "./harness/wait-for.ts";
import type { DownloadsAnswer, StoredFile } from "./harness/wire.ts";

const skip = canSeeProcesses ? false : "reads /proc, which only Linux has";

interface Line {
  readonly kind: string;
  readonly backup?: string;
  readonly copiedBytes?: number;
  readonly faults?: number;
}

let folder: string;
let place: string;
let restored: string;
let server: Server;
let people: readonly Person[];
/** A video of which a part has come when the backup is made, and bytes that nobody has said to be complete. */
let inFlight: Multipart;
let unsaid: { readonly id: string; readonly fileId: string };
/** A file that has another version now, and the bytes of its first one. */
let replaced: { readonly fileId: string; readonly first: Uint8Array };
let promised: { readonly id: string };
/** Files that were ready when the backup began, and stay, by person. */
let readyBefore: readonly StoredFile[][];
let madeAfter: string;
let purgedAfter: string;

before(async () => {
  folder = await makeFolder("backup");
  place = join(folder, "backups");
  restored = join(folder, "restored");
});
after(async () => {
  if (server && isAlive(server.pid)) await server.killAll();
  await removeFolder(folder);
});

const backUp = async (...args: string[]) => {
  const result = await runCli(["backup", place, "--data", join(folder, "data"), "--json", ...args]);
  assert.equal(result.status, 0, `${result.stdout}${result.stderr}`);
  assert.doesNotMatch(result.stderr, /^\s+at /m);
  return jsonLines<Line>(result.stdout).at(-1) ?? assert.fail("no summary");
};

const filesOf = async ({ api }: Person): Promise<StoredFile[]> => [
  ...(await listAll<StoredFile>(api, "/v1/files")),
  ...(await listAll<StoredFile>(api, "/v1/files?scope=trash")),
];

const mib = 1024 ** 2;

test("a server with files of two people, a trash, and uploads under way is backed up under load", {
  skip,
}, async () => {
  server = await startServer({
    dataDir: join(folder, "data"),
    port: await freePortPair(),
    set: { "worker.sweepSeconds": 1, "bucket.eventDelaySeconds": 0, "worker.leaseSeconds": 10 },
  });
  people = [await addPerson(server, "ann"), await addPerson(server, "bea")];
  for (const { api } of people) {
    for (let count = 0; count < 4; count += 1) await uploadToEnd(api, await makePng());
    const film = await createMultipart(api, makeVideo(20 * mib + 1));
    await sendParts(api, film.upload.id, film.parts);
    await completeUpload(api, film.upload.id);
    assert.equal((await waitForEnd(api, film.upload.id)).state, "ready");
    await deleteFile(api, (await uploadToEnd(api, await makePng())).fileId);
  }
  const [ann, bea] = people as [Person, Person];
  const first = await makePng();
  const { fileId } = await uploadToEnd(ann.api, first);
  const over = { replaces: { fileId, version: 1 } };
  assert.equal((await uploadToEnd(ann.api, await makePng(), over)).fileId, fileId);
  replaced = { fileId, first };
  const doomed = await uploadToEnd(ann.api, await makePng());
  inFlight = await createMultipart(ann.api, makeVideo(25 * mib));
  await sendParts(ann.api, inFlight.upload.id, inFlight.parts.slice(0, 1));
  unsaid = await sendUpload(bea.api, await makePng());
  promised = await createUpload(bea.api, emptyPromise(1000));
  const before = await Promise.all(people.map(filesOf));

  // People go on sending and deleting for good while it is made.
  let isOver = false;
  const load = people.map(async ({ api }) => {
    let rounds = 0;
    for (; !isOver; rounds += 1) {
      const { fileId } = await uploadToEnd(api, await makePng());
      if (rounds % 2 === 0) {
        await deleteFile(api, fileId);
        await deleteFile(api, fileId, "?permanent=true");
      }
    }
    return rounds;
  });
  const made = backUp();
  await deleteFile(ann.api, doomed.fileId);
  await deleteFile(ann.api, doomed.fileId, "?permanent=true");
  const { copiedBytes = 0, faults } = await made;
  isOver = true;
  assert.ok(
    (await Promise.all(load)).every((rounds) => rounds > 0),
    "the load was none",
  );
  assert.equal(faults, 0);
  assert.ok(copiedBytes > 40 * mib, `${copiedBytes}`);
  readyBefore = before.map((files) => files.filter(({ id }) => id !== doomed.fileId));
});

test("the next one copies only what is new, and one that is killed in the midst takes nothing from those before", {
  skip,
}, async () => {
  const [ann] = people as [Person];
  const { copiedBytes = 0 } = await backUp();
  assert.ok(copiedBytes < 10 * mib, `${copiedBytes}`);

  const film = await createMultipart(ann.api, makeVideo(60 * mib));
  await sendParts(ann.api, film.upload.id, film.parts);
  await completeUpload(ann.api, film.upload.id);
  madeAfter = (await waitForEnd(ann.api, film.upload.id)).fileId;
  purgedAfter = readyBefore[0]?.find(({ state }) => state === "ready")?.id ?? assert.fail("none");
  await deleteFile(ann.api, purgedAfter);
  await deleteFile(ann.api, purgedAfter, "?permanent=true");

  const child = spawnCli(["backup", place, "--data", server.dataDir]);
  await waitFor("something to be copied", () => readdirSync(join(place, "incoming")).length > 0, {
    everyMs: 1,
  });
  child.kill("SIGKILL");
  await waitFor("it to be gone", () => child.signalCode === "SIGKILL" || child.exitCode !== null);
  assert.equal(child.signalCode, "SIGKILL", "it ended before it could be killed");
  assert.ok(existsSync(join(place, "unfinished")));
  const verified = await runCli(["backup", "--verify", place, "--json"]);
  assert.equal(verified.status, 0, verified.stdout + verified.stderr);
});

test("restored elsewhere, it is all there: doctor and reconcile find nothing, and every file has its bytes", {
  skip,
}, async () => {
  const origin = server.api;
  await server.killAll();
  const put = await runCli(["restore", place, "--data", restored, "--json"]);
  assert.equal(put.status, 0, put.stdout + put.stderr);
  for (const args of [["doctor"], ["reconcile", "--deep", "--dry-run"]]) {
    const { status, stdout, stderr } = await runCli([...args, "--data", restored, "--json"]);
    assert.equal(status, 0, stdout + stderr);
    assert.doesNotMatch(stdout, /"kind":"(?!summary|orphan)/, "nothing is missing, every counter is right");
  }

  const port = await freePortPair();
  server = await startServer({ dataDir: restored, port, args: ["--public-url", origin] });
  // What was signed before lives on for its minutes: the keys are the same.
  people = people.map((person) => ({ ...person, api: createApi(`http://localhost:${port}`, person.token) }));
  for (const [index, person] of people.entries()) {
    const there = new Map((await filesOf(person)).map((file) => [file.id, file]));
    for (const file of readyBefore[index] ?? []) {
      assert.deepEqual(there.get(file.id), file);
      if (file.state === "trashed") continue;
      const { bytes } = await downloadOriginal(person.api, file.id);
      assert.equal(sha256Of(bytes), file.sha256);
    }
    // Trash and former versions count, and are there.
    const former = index === 0 ? replaced.first.length : 0;
    const me = (await person.api.get<{ usedBytes: number }>("/v1/me")).body;
    assert.equal(
      me.usedBytes,
      [...there.values()].reduce((sum, { sizeBytes }) => sum + sizeBytes, former),
    );
  }
  const { fileId: id, first } = replaced;
  const answer = await people[0]?.api.post<DownloadsAnswer>("/v1/downloads", { files: [{ id, version: 1 }] });
  const request = answer?.body.items[0]?.request ?? assert.fail(answer?.text);
  assert.equal(sha256Of((await fetchBytes(request)).bytes), sha256Of(first));
});

test("what came later is gone as if it had never been, what was purged since is back, and its owner may purge it again", {
  skip,
}, async () => {
  const [ann] = people as [Person];
  assert.equal((await ann.api.get(`/v1/files/${madeAfter}`)).status, 404);
  assert.equal((await getFile(ann.api, purgedAfter)).state, "ready");
  await deleteFile(ann.api, purgedAfter);
  await deleteFile(ann.api, purgedAfter, "?permanent=true");
  assert.equal((await ann.api.get(`/v1/files/${purgedAfter}`)).status, 404);
});

test("uploads under way go on: bytes that had come become a file, parts are sent again, a promise stays one", {
  skip,
}, async () => {
  const [ann, bea] = people as [Person, Person];
  await completeUpload(bea.api, unsaid.id);
  assert.equal((await waitForEnd(bea.api, unsaid.id)).state, "ready");
  assert.equal((await getUpload(bea.api, promised.id)).state, "pending");
  assert.equal((await bea.api.post(`/v1/uploads/${promised.id}/complete`)).status, 409);

  assert.deepEqual(await listParts(ann.api, inFlight.upload.id), []);
  await sendParts(ann.api, inFlight.upload.id, inFlight.parts);
  await completeUpload(ann.api, inFlight.upload.id);
  const film = await waitForEnd(ann.api, inFlight.upload.id);
  assert.equal(film.state, "ready");
  assert.equal(
    sha256Of((await downloadOriginal(ann.api, film.fileId)).bytes),
    sha256Of(Buffer.concat(inFlight.parts.map(({ bytes }) => bytes))),
  );
});
