import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { assertNames } from "./harness/api-client.ts";
import { downloadOriginal, listAll } from "./harness/files.ts";
import { makePng } from "./harness/images.ts";
import { naughtyStrings, trickyNames } from "./harness/naughty-names.ts";
import { jsonLines, makeFolder, removeFolder, runCli } from "./harness/run-cli.ts";
import { savedName, unsafeCharactersOf } from "./harness/saved-name.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { putRequestOf, sendBytes, sha256Of } from "./harness/transfer.ts";
import { emptyPromise, intentOf, waitForEnds } from "./harness/upload.ts";
import type { CompleteBatchAnswer, CreateAnswer, StoredFile } from "./harness/wire.ts";

/** The longest names there can be, of letters of each length. */
const longestNames = ["n", "é", "写", "😀"].map(
  (letter) =>
    letter.repeat(Math.floor(4092 / Buffer.byteLength(letter))) +
    "x".repeat(4092 % Buffer.byteLength(letter)) +
    ".png",
);
const names = [...new Set([...longestNames, ...trickyNames, ...naughtyStrings()])];

let server: Server;
let person: Person;
/** Files by name. */
const files = new Map<string, StoredFile>();
let folder: string;

before(async () => {
  server = await startServer();
  person = await addPerson(server);
  folder = await makeFolder("names");
  for (let at = 0; at < names.length; at += 100) await uploadNamed(names.slice(at, at + 100));
});
after(async () => {
  await server.stop();
  await removeFolder(folder);
});

/** A picture of its own under each name, and the name again as a value of its metadata where one may be so long. */
async function uploadNamed(some: readonly string[]): Promise<void> {
  const pictures = await Promise.all(some.map(() => makePng({ width: 4, height: 4 })));
  const intents = pictures.map((bytes, index) => {
    const name = some[index] ?? "";
    return intentOf(bytes, { name, ...(Buffer.byteLength(name) <= 1024 && { metadata: { naughty: name } }) });
  });
  const { body, status, text } = await person.api.post<CreateAnswer>("/v1/uploads", { files: intents });
  assert.equal(status, 201, text.slice(0, 500));
  const uploads = body.items.flatMap(({ upload }) => (upload === undefined ? [] : [upload]));
  assert.equal(uploads.length, some.length);
  await Promise.all(
    uploads.map((upload, index) => sendBytes(putRequestOf(upload), pictures[index] ?? Buffer.of())),
  );
  const ids = uploads.map(({ id }) => id);
  await person.api.post<CompleteBatchAnswer>("/v1/uploads/complete", { ids });
  for (const [index, upload] of (await waitForEnds(person.api, ids)).entries()) {
    const name = some[index] ?? "";
    assert.deepEqual([upload.state, upload.name], ["ready", name], JSON.stringify(upload.rejection));
    const file = await person.api.get<StoredFile>(`/v1/files/${upload.fileId}`);
    assert.equal(file.body.sha256, sha256Of(pictures[index] ?? Buffer.of()));
    files.set(name, file.body);
  }
}

test("names of 4,096 bytes are taken, whatever their script, and one byte more is refused by name", async () => {
  for (const name of longestNames) {
    assert.equal(Buffer.byteLength(name), 4096);
    assert.equal(files.get(name)?.name, name);
  }
  for (const name of [`${"n".repeat(4093)}.png`, `${"😀".repeat(1024)}n`, ""]) {
    const answer = await person.api.post("/v1/uploads", { files: [emptyPromise(10, { name })] });
    assertNames(answer, "/files/0/name");
  }
});

test("every name is in the list as it was given, once", async () => {
  const listed = await listAll<StoredFile>(person.api, "/v1/files");
  assert.deepEqual(listed.map(({ name }) => name).sort(), [...names].sort());
  const byName = await listAll<StoredFile>(person.api, "/v1/files?sort=name");
  assert.deepEqual(new Set(byName.map(({ id }) => id)), new Set(listed.map(({ id }) => id)));
});

test("every name is found by itself", async () => {
  for (const [name, { id }] of files) {
    const found = await listAll<StoredFile>(person.api, `/v1/files?${new URLSearchParams({ q: name })}`);
    assert.ok(
      found.some((file) => file.id === id),
      `${JSON.stringify(name).slice(0, 200)} is not among ${found.length}`,
    );
  }
});

test("every value of a pair of metadata comes back, and finds its file and no other", async () => {
  for (const [name, { id, metadata }] of files) {
    if (Buffer.byteLength(name) > 1024) continue;
    assert.equal(metadata.naughty, name);
    const query = new URLSearchParams({ "metadata.naughty": name });
    const found = await listAll<StoredFile>(person.api, `/v1/files?${query}`);
    assert.deepEqual(
      found.map((file) => file.id),
      [id],
      JSON.stringify(name),
    );
  }
});

test("every name makes a download's header that is sound, short and safe, and keeps its ending", async () => {
  for (const [name, { id, sha256 }] of files) {
    const { headers, bytes } = await downloadOriginal(person.api, id);
    const disposition = headers.get("content-disposition") ?? "";
    assert.match(disposition, /^attachment; filename="[\x20-\x7e]*"; filename\*=UTF-8''[\x21-\x7e]*$/);
    assert.ok(disposition.length < 1100, `${disposition.length}`);
    const saved = savedName(disposition);
    assert.ok(saved !== "" && saved !== "." && saved !== ".." && Buffer.byteLength(saved) <= 255, saved);
    assert.deepEqual(unsafeCharactersOf(saved), [], disposition);
    if (/\w\.png$/.test(name)) assert.match(saved, /\.png$/, disposition);
    assert.equal(sha256Of(bytes), sha256);
  }
});

const asPerson = () => ({
  env: { STOWAGE_TOKEN: person.token, STOWAGE_SERVER: server.api },
  timeoutMs: 240_000,
});

test("ls shows every name as it is to programs, and as one line of plain text to people", async () => {
  const { status, stdout, stderr } = await runCli(["ls", "--all", "--json"], asPerson());
  assert.equal(status, 0, stderr);
  const listed = jsonLines<StoredFile>(stdout).map(({ name }) => name);
  assert.deepEqual(listed.sort(), [...names].sort());
  const told = await runCli(["ls", "--all"], asPerson());
  assert.equal(told.stdout.trimEnd().split("\n").length, names.length + 1);
  assert.deepEqual(unsafeCharactersOf(told.stdout.replaceAll(/[\n/\\]/g, "")), []);
});

test("get saves under a safe name within the folder where the person stands, and under the one that -o names", async () => {
  const chosen = [...longestNames, ...trickyNames].filter((name) => !/^[a-z]+\.png$/.test(name));
  const into = join(folder, "got");
  await mkdir(into);
  for (const [index, name] of chosen.entries()) {
    const { id, sha256 } = files.get(name) ?? assert.fail(name);
    const cwd = join(into, String(index));
    await mkdir(cwd);
    const got = await runCli(["get", id], { ...asPerson(), cwd });
    assert.equal(got.status, 0, got.stderr);
    const [saved = "", ...others] = readdirSync(cwd);
    assert.deepEqual(others, [], name);
    assert.equal(sha256Of(readFileSync(join(cwd, saved))), sha256);
    assert.deepEqual(unsafeCharactersOf(saved), []);
    assert.doesNotMatch(saved, /^[.-]/);
    if (/\w\.png$/.test(name)) assert.match(saved, /\.png$/);
  }
  assert.deepEqual(readdirSync(into).length, chosen.length);
  const name = longestNames[2] ?? "";
  const output = join(folder, "chosen by me.png");
  const got = await runCli(["get", files.get(name)?.id ?? "", "-o", output], asPerson());
  assert.equal(got.status, 0, got.stderr);
  assert.equal(sha256Of(readFileSync(output)), files.get(name)?.sha256);
});

test("put -r takes every name that a file can have and that is not hidden, as it is", async () => {
  const from = join(folder, "to send");
  await mkdir(from);
  const possible = names.filter(
    // What is hidden is left out of a folder that is sent.
    (name) => !name.includes("/") && Buffer.byteLength(name) <= 255 && !name.startsWith("."),
  );
  for (const name of possible) await writeFile(join(from, name), await makePng({ width: 4, height: 4 }));
  const on = readdirSync(from);
  const other = await addPerson(server);
  const { status, stdout, stderr } = await runCli(["put", "-r", from, "--json"], {
    ...asPerson(),
    env: { STOWAGE_TOKEN: other.token, STOWAGE_SERVER: server.api },
  });
  assert.equal(status, 0, stderr);
  assert.ok(jsonLines<{ state: string }>(stdout).every(({ state }) => state === "ready"));
  const listed = await listAll<StoredFile>(other.api, "/v1/files");
  assert.deepEqual(listed.map(({ name }) => name).sort(), on.sort());
});
