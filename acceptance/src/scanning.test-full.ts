import assert from "node:assert/strict";
import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { assertSaid } from "./harness/assert-said.ts";
import { deleteFile, downloadOriginal, getFile, listAll } from "./harness/files.ts";
import { makeNoisePng } from "./harness/images.ts";
import { eicar, makePdfAround, makeZip } from "./harness/malware.ts";
import { jsonLines, makeFolder, removeFolder, runCli } from "./harness/run-cli.ts";
import { type Clamd, startClamd } from "./harness/start-clamd.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { completeUpload, getUpload, sendUpload, uploadToEnd, waitForEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";
import type { Page, StoredFile, Upload } from "./harness/wire.ts";

let clamd: Clamd;
let server: Server;
let person: Person;

before(async () => {
  clamd = await startClamd();
  server = await startServer({
    set: {
      scanner: "clamd",
      "scanner.address": clamd.path,
      "scanner.maxSizeBytes": 2_000_000_000,
      "scanner.timeoutSeconds": 2,
    },
  });
  person = await addPerson(server);
});
after(async () => {
  await server?.stop();
  await clamd?.stop();
});

/** Nothing of a file is given out: not itself, no version, no derivative, in no list of ready files. */
async function assertGivenToNobody(fileId: string): Promise<void> {
  const { api } = person;
  for (const query of ["", "?version=1", "?derivative=thumbnail", "?derivative=preview"])
    assert.equal((await api.get(`/v1/files/${fileId}/content${query}`)).status, 404, query);
  const asked = [{ id: fileId }, { id: fileId, version: 1 }, { id: fileId, derivative: "thumbnail" }];
  const { body } = await api.post<{ items: { request?: object }[] }>("/v1/downloads", { files: asked });
  assert.deepEqual(
    body.items.map(({ request }) => request),
    [undefined, undefined, undefined],
  );
  for (const list of ["/v1/files", "/v1/files?q=picture", "/v1/files?sort=name"])
    assert.ok(!(await listAll<StoredFile>(api, list)).some(({ id }) => id === fileId), list);
}

const lastEvent = async (upload: Upload) => (await getUpload(person.api, upload.id)).events?.at(-1);

test("EICAR by itself, zipped and in a PDF is rejected as malware under every allowed type, and given to nobody", async () => {
  for (const bytes of [eicar, makeZip("a.txt", eicar), makePdfAround(eicar)])
    for (const [contentType, name] of [
      ["image/png", "picture.png"],
      ["application/pdf", "picture.pdf"],
      ["video/mp4", "picture.mp4"],
    ] as const) {
      const upload = await uploadToEnd(person.api, bytes, { contentType, name });
      assert.equal(upload.state, "rejected");
      assert.equal(upload.rejection?.code, "malware", `${contentType}: ${upload.rejection?.detail}`);
      assert.match(upload.rejection?.detail ?? "", /Eicar-Test.*ClamAV \d/);
      assert.equal((await person.api.get(`/v1/files/${upload.fileId}`)).status, 404);
      await assertGivenToNobody(upload.fileId);
    }
});

test("what is clean is ready, and its timeline says what scanned it", async () => {
  const picture = await makeNoisePng(300, 200);
  const document = makePdfAround(Buffer.from("nothing of note"));
  for (const [bytes, over] of [
    [picture, {}],
    [document, { contentType: "application/pdf", name: "a.pdf" }],
  ] as const) {
    const upload = await uploadToEnd(person.api, bytes, over);
    assert.equal(upload.state, "ready", upload.rejection?.detail);
    assert.match((await lastEvent(upload))?.detail ?? "", /Scanned for malware, and none found \(ClamAV \d/);
    assert.deepEqual((await downloadOriginal(person.api, upload.fileId)).bytes, bytes);
  }
});

/** Sends a picture whose check has to wait, and waits until that was so a number of times. */
async function sendInVain(times: number, because: RegExp): Promise<Upload> {
  const upload = await sendUpload(person.api, await makeNoisePng(60, 40));
  await completeUpload(person.api, upload.id);
  await waitFor(
    `${times} tries in vain`,
    async () => {
      const { state, events = [] } = await getUpload(person.api, upload.id);
      assert.ok(state === "uploaded" || state === "verifying", state);
      return (
        events.filter(({ type, detail }) => type === "postponed" && because.test(detail)).length >= times
      );
    },
    { timeoutMs: 120_000, everyMs: 200 },
  );
  assert.equal((await person.api.get(`/v1/files/${upload.fileId}`)).status, 404);
  await assertGivenToNobody(upload.fileId);
  return upload;
}

test("while clamd hangs nothing becomes visible, the timeline says so, and it goes on by itself", async () => {
  await clamd.signal("SIGSTOP");
  let upload: Upload;
  try {
    upload = await sendInVain(
      2,
      /^Checking has to wait: the malware scanner does not answer in time; again in/,
    );
  } finally {
    await clamd.signal("SIGCONT");
  }
  assert.equal((await waitForEnd(person.api, upload.id, { timeoutMs: 60_000 })).state, "ready");
});

test("while clamd is gone five tries and more cost none, and once it is back the file is ready by itself", async () => {
  await clamd.kill();
  let upload: Upload;
  try {
    upload = await sendInVain(5, /^Checking has to wait: the malware scanner can't be reached; again in/);
  } finally {
    await clamd.start();
  }
  assert.equal((await waitForEnd(person.api, upload.id, { timeoutMs: 90_000 })).state, "ready");
});

interface Line {
  readonly kind: string;
  readonly fileId?: string;
  readonly finding?: string;
  readonly released?: boolean;
}

async function rescan(...args: string[]) {
  const result = await runCli(["rescan", "--json", "--data", server.dataDir, ...args]);
  assert.equal(result.status, 0, result.stderr);
  return jsonLines<Line>(result.stdout).filter(({ kind }) => kind !== "summary");
}

/** A reload takes clamd a moment. */
const rescanUntil = (what: string, isSo: (lines: readonly Line[]) => boolean, ...args: string[]) =>
  waitFor(
    what,
    async () => {
      const lines = await rescan(...args);
      return isSo(lines) && lines;
    },
    { timeoutMs: 60_000, everyMs: 500 },
  );

const objectFiles = (minBytes: number): string[] =>
  globSync("bucket/objects/**", { cwd: server.dataDir })
    .map((name) => join(server.dataDir, name))
    .filter((path) => statSync(path).isFile() && statSync(path).size >= minBytes);

test("a rescan after new signatures quarantines the file alone, whose owner sees why; a mistake is put back; a find can be deleted", async () => {
  const picture = await makeNoisePng(320, 200);
  const known = new Set(objectFiles(picture.length));
  const { fileId, sha256 } = await getReady(picture);
  const ours = objectFiles(picture.length).filter((path) => !known.has(path));
  const before = await getFile(person.api, fileId);
  assert.deepEqual(await rescan(), []);

  await clamd.teach("Test.New-1", picture.subarray(1000, 1040));
  const isFound = (lines: readonly Line[]) => lines.some(({ kind }) => kind === "quarantined");
  const found = await rescanUntil("clamd to find what it was taught", isFound);
  assert.deepEqual(
    found.map(({ kind, fileId: id, finding }) => [kind, id, finding?.replace(".UNOFFICIAL", "")]),
    [["quarantined", fileId, "Test.New-1"]],
  );
  await assertGivenToNobody(fileId);
  const { body: file } = await person.api.get<StoredFile & { quarantine?: { at: string; detail: string } }>(
    `/v1/files/${fileId}`,
  );
  assert.equal(file.state, "quarantined");
  assert.match(file.quarantine?.detail ?? "", /Test\.New-1.*Nothing of it is given out/);
  const trash = await person.api.get<Page<StoredFile>>("/v1/files?scope=trash");
  assert.deepEqual(
    trash.body.items.map(({ id }) => id),
    [fileId],
  );
  assert.deepEqual(
    (await rescan("--release")).map(({ kind }) => kind),
    ["still-found"],
  );

  await clamd.teach("Test.New-1", undefined);
  const isReleased = (lines: readonly Line[]) => lines.some(({ released }) => released === true);
  await rescanUntil("it to be put back", isReleased, "--release");
  const after = await getFile(person.api, fileId);
  assert.equal(after.state, "ready");
  assert.equal(after.sha256, before.sha256);
  assert.equal(after.sha256, sha256);
  assert.deepEqual((await downloadOriginal(person.api, fileId)).bytes, picture);

  await clamd.teach("Test.New-1", picture.subarray(1000, 1040));
  await rescanUntil("clamd to find it again", isFound);
  await deleteFile(person.api, fileId, "?permanent=true");
  assert.equal((await person.api.get(`/v1/files/${fileId}`)).status, 404);
  await waitFor(
    "its bytes to be gone",
    () => {
      const left = new Set(objectFiles(0));
      const copies = ours.filter((path) => left.has(path));
      return copies.every((path) => path.includes("uploads"));
    },
    { timeoutMs: 90_000, everyMs: 500 },
  );
});

async function getReady(bytes: Buffer): Promise<{ fileId: string; sha256: string | undefined }> {
  const upload = await uploadToEnd(person.api, bytes);
  assert.equal(upload.state, "ready", upload.rejection?.detail);
  return { fileId: upload.fileId, sha256: (await getFile(person.api, upload.fileId)).sha256 };
}

test("beyond this machine a start wants a scanner or a word, and a limit that the scanner takes", async () => {
  const folder = await makeFolder("no-scanner");
  const up = (...args: string[]) =>
    runCli(
      [
        "up",
        ...["--data", folder, "--port", "0"],
        ...["--public-url", "https://photos.example", "--bucket-url", "https://files.example"],
        ...args,
      ],
      { timeoutMs: 20_000 },
    );
  try {
    assertSaid(await up(), 2, /scanner=clamd .*or scanner=none\./);
    assertSaid(
      await up("--set", "scanner=clamd"),
      2,
      /"default" takes video\/\w+ of up to 2000000000 bytes.*104857600/,
    );
    assertSaid(
      await up("--set", "scanner=clamd", "--set", "scanner.address=clamd"),
      2,
      /scanner\.address must be/,
    );
  } finally {
    await removeFolder(folder);
  }
});

test("doctor and metrics tell how scanning goes", async () => {
  const { status, stdout } = await runCli(["doctor", "--json", "--data", server.dataDir]);
  assert.equal(status, 0, stdout);
  const checks = jsonLines<{ check: string; status: string; detail: string }>(stdout);
  const scanner = checks.find(({ check }) => check === "scanner");
  assert.equal(scanner?.status, "warning", "the test's clamd has no daily signatures");
  assert.match(scanner?.detail ?? "", /finds the EICAR test file\. It has no daily signatures/);
  const metrics = await (await fetch(`${server.api}/metrics`)).text();
  for (const outcome of ["clean", "infected", "unreachable", "timeout"])
    assert.match(
      metrics,
      new RegExp(`stowage_scans_total\\{[^}]*outcome="${outcome}"[^}]*\\} [1-9]`),
      outcome,
    );
  const running = JSON.parse(readFileSync(join(server.dataDir, "running.json"), "utf8")) as {
    scanner?: object;
  };
  assert.ok(running.scanner);
});
