import assert from "node:assert/strict";
import { globSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { deleteFile, mintDownload } from "./harness/files.ts";
import { makeNoisePng } from "./harness/images.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { putRequestOf, sendBytes, sha256Of } from "./harness/transfer.ts";
import { createUpload, emptyPromise, intentOf, sendUpload, uploadToEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";

let server: Server;
let person: Person;

before(async () => {
  server = await startServer({ set: { "worker.sweepSeconds": 1, "limits.urlLifetimeSeconds": 2 } });
  person = await addPerson(server);
});
after(() => server.stop());

interface OnDisk {
  readonly path: string;
  /** One file may have several names: the same inode. */
  readonly inode: number;
  readonly sizeBytes: number;
}

/** Files of the data directory that are there now, at least that long. */
const filesOnDisk = (minBytes = 0): OnDisk[] =>
  globSync("**", { cwd: server.dataDir }).flatMap((name) => {
    const path = join(server.dataDir, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat?.isFile() && stat.size >= minBytes ? [{ path, inode: stat.ino, sizeBytes: stat.size }] : [];
  });

test("what people upload lies encrypted on the disk", async () => {
  const picture = await makeNoisePng(200, 150);
  const upload = await uploadToEnd(person.api, picture);
  assert.equal(upload.state, "ready");
  const marks = [0, 0.25, 0.5, 0.9].map((part) => {
    const at = Math.floor(picture.length * part);
    return picture.subarray(at, at + 24);
  });
  const files = filesOnDisk();
  assert.ok(
    files.some(({ sizeBytes }) => sizeBytes >= picture.length),
    "no file could hold the picture",
  );
  for (const { path } of files) {
    const bytes = readFileSync(path);
    for (const mark of marks) assert.ok(!bytes.includes(mark), `${path} shows the picture's bytes`);
  }
});

test("nobody but its owner may look into the data directory", () => {
  const isOpenTo = (path: string) => statSync(path).mode & 0o077;
  if (isOpenTo(server.dataDir) === 0) return;
  for (const { path } of filesOnDisk()) assert.equal(isOpenTo(path), 0, path);
});

test("an object that was damaged on the disk is never answered with wrong bytes", async () => {
  const picture = await makeNoisePng(400, 300);
  const before = new Set(filesOnDisk(picture.length).map(({ path }) => path));
  const upload = await uploadToEnd(person.api, picture);
  const fresh = filesOnDisk(picture.length).filter(({ path }) => !before.has(path));
  assert.ok(fresh.length > 0, "the object is not a file of its own");
  for (const { path, sizeBytes } of new Map(fresh.map((file) => [file.inode, file])).values()) {
    const bytes = readFileSync(path);
    const at = sizeBytes - 70_000;
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    writeFileSync(path, bytes);
  }
  for (const range of [undefined, `bytes=${picture.length - 100_000}-`, "bytes=0-"]) {
    const { url } = await mintDownload(person.api, upload.fileId);
    const answered = await fetch(url, range === undefined ? {} : { headers: { range } })
      .then(async (response) => ({
        status: response.status,
        bytes: Buffer.from(await response.arrayBuffer()),
      }))
      .catch((error: unknown) => {
        // Broken off in the middle: that is an answer that can't be mistaken for the file.
        if (error instanceof TypeError) return undefined;
        throw error;
      });
    assert.ok(answered === undefined || answered.status >= 500, `${range} answered ${answered?.status}`);
  }
});

test("what was sent in vain, aborted, rejected or purged leaves no bytes behind", async () => {
  const sizeBytes = 90_000;
  const known = new Set(filesOnDisk().map(({ path }) => path));
  const left = () =>
    filesOnDisk(sizeBytes)
      .map(({ path }) => path)
      .filter((path) => !known.has(path));
  const wrong = await createUpload(person.api, emptyPromise(sizeBytes));
  assert.ok((await sendBytes(putRequestOf(wrong), Buffer.alloc(sizeBytes, 1))).status >= 400);
  assert.deepEqual(left(), [], "a PUT that was refused left its bytes");

  const aborted = await sendUpload(person.api, await makeNoisePng(200, 200));
  await person.api.delete(`/v1/uploads/${aborted.id}`);
  const junk = Buffer.concat([Buffer.from("junk"), (await makeNoisePng(200, 200)).subarray(100)]);
  assert.equal((await uploadToEnd(person.api, junk)).state, "rejected");
  const picture = await makeNoisePng(200, 200);
  const ready = await uploadToEnd(person.api, picture, intentOf(picture));
  await deleteFile(person.api, ready.fileId, "?permanent=true");
  assert.equal(sha256Of(picture), ready.sha256);
  await waitFor("the bytes of all three to be gone", () => left().length === 0, {
    timeoutMs: 100_000,
    everyMs: 500,
  });
});
