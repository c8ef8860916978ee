// Many files in one piece: asked for, packed by the worker, given out as ZIP files, and no longer once something in one may not be had.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { assertProblem } from "./harness/api-client.ts";
import { makeJpeg } from "./harness/images.ts";
import { makeFolder, removeFolder, runCli } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes, sha256Of } from "./harness/transfer.ts";
import { uploadToEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";
import type { PresignedRequest } from "./harness/wire.ts";

interface Archive {
  readonly id: string;
  readonly state: string;
  readonly parts: readonly {
    readonly sizeBytes: number;
    readonly sha256: string;
    readonly files: number;
    readonly request: PresignedRequest;
  }[];
  readonly leftOut: readonly { readonly fileId: string; readonly reason: string }[];
  readonly failure?: { readonly code: string };
}

let folder: string;
let server: Server;
let ann: Person;
let bob: Person;

before(async () => {
  folder = await makeFolder("archives");
  server = await startServer();
  ann = await addPerson(server, "ann");
  bob = await addPerson(server, "bob");
});
after(async () => {
  await server.stop();
  await removeFolder(folder);
});

async function upload(person: Person, name: string) {
  const bytes = await makeJpeg({ width: 40 + name.length, height: 30 });
  const { fileId } = await uploadToEnd(person.api, bytes, { name, contentType: "image/jpeg" });
  return { fileId, bytes };
}

async function ask(person: Person, path: string, json: unknown = {}): Promise<string> {
  const answer = await person.api.post<{ archive: Archive }>(path, json);
  assert.equal(answer.status, 202, answer.text);
  assert.equal(answer.headers.get("location"), `/v1/archives/${answer.body.archive.id}`);
  return answer.body.archive.id;
}

const get = async ({ api }: Person, id: string): Promise<Archive> => {
  const answer = await api.get<{ archive: Archive }>(`/v1/archives/${id}`);
  assert.equal(answer.status, 200, answer.text);
  return answer.body.archive;
};

const ended = (person: Person, id: string): Promise<Archive> =>
  waitFor("the archive to be made", async () => {
    const archive = await get(person, id);
    return ["waiting", "making"].includes(archive.state) ? undefined : archive;
  });

/** What is in the first part, as Python unpacks it. */
async function unpack({ parts }: Archive): Promise<(name: string) => Buffer> {
  const [part] = parts;
  assert.ok(part);
  const { status, bytes } = await fetchBytes(part.request);
  assert.equal(status, 200);
  assert.equal(bytes.byteLength, part.sizeBytes);
  assert.equal(sha256Of(bytes), part.sha256);
  const zip = join(folder, `${part.sha256}.zip`);
  writeFileSync(zip, bytes);
  const { status: code, stderr } = spawnSync("python3", ["-m", "zipfile", "-e", zip, `${zip}.out`], {
    encoding: "utf8",
  });
  assert.equal(code, 0, stderr);
  return (name) => readFileSync(join(`${zip}.out`, name));
}

test("packs one's files with a manifest, tells nothing of others', and gives them until one of them goes", async () => {
  const [one, two] = [await upload(ann, "a.jpg"), await upload(ann, "Ärger.jpg")];
  const secret = await upload(bob, "secret.jpg");
  const id = await ask(ann, "/v1/archives", { fileIds: [one.fileId, secret.fileId, two.fileId, "nothing"] });
  const archive = await ended(ann, id);
  assert.equal(archive.state, "ready", JSON.stringify(archive));
  assert.deepEqual(
    archive.leftOut,
    [secret.fileId, "nothing"].map((fileId) => ({ fileId, reason: "not-visible" })),
  );
  const file = await unpack(archive);
  assert.deepEqual(file("a.jpg"), one.bytes);
  assert.deepEqual(file("Ärger.jpg"), two.bytes);
  const manifest = JSON.parse(file("manifest.json").toString()) as {
    entries: { name: string; fileId: string; sha256: string }[];
  };
  assert.deepEqual(
    manifest.entries.map(({ name, fileId, sha256 }) => [name, fileId, sha256]),
    [
      ["a.jpg", one.fileId, sha256Of(one.bytes)],
      ["Ärger.jpg", two.fileId, sha256Of(two.bytes)],
    ],
  );
  assertProblem(await bob.api.get(`/v1/archives/${id}`), 404, "not-found");
  assertProblem(await bob.api.get("/v1/archives/nothing"), 404, "not-found");
  const { etag } = Object.fromEntries((await ann.api.get(`/v1/files/${two.fileId}`)).headers);
  assert.equal((await ann.api.delete(`/v1/files/${two.fileId}`, { "if-match": etag ?? "" })).status, 200);
  const stale = await get(ann, id);
  assert.deepEqual([stale.state, stale.parts], ["stale", []]);
});

test("packs all of one's own for who leaves", async () => {
  const carl = await addPerson(server, "carl");
  const photo = await upload(carl, "mine.jpg");
  const archive = await ended(carl, await ask(carl, "/v1/me/export"));
  const file = await unpack(archive);
  assert.deepEqual(file("mine.jpg"), photo.bytes);
  const account = JSON.parse(file("account.json").toString()) as { email: string };
  assert.equal(account.email, carl.email);
  const { items } = JSON.parse(file("account/uploads-1.json").toString()) as { items: unknown[] };
  assert.equal(items.length, 1);
});

test("stowage archive fetches them, checked, and says what it left out", async () => {
  const photo = await upload(bob, "by-command.jpg");
  const environment = { STOWAGE_SERVER: server.api, STOWAGE_TOKEN: bob.token };
  const to = join(folder, "fetched");
  mkdirSync(to);
  const run = (...args: string[]) => runCli(["archive", ...args, "-o", to, "--json"], { env: environment });
  const some = await run(photo.fileId, "nothing");
  assert.equal(some.status, 3, some.stderr);
  assert.match(some.stderr, /Left out nothing: there is no such file, or you may not see it/);
  const { file, sha256 } = JSON.parse(some.stdout) as { file: string; sha256: string };
  assert.equal(sha256Of(readFileSync(file)), sha256);
  assert.equal((await run("--everything")).status, 0);
  assert.equal((await run()).status, 2);
  const none = await run("nothing");
  assert.equal(none.status, 1);
  assert.match(none.stderr, /There is nothing in it that you may have/);
});

test("refuses what is not as it must be, what is too much, and who lacks the scope", async () => {
  for (const json of [{}, { fileIds: [] }, { fileIds: "a" }, { fileIds: ["a"], more: 1 }])
    assertProblem(await bob.api.post("/v1/archives", json), 400, "validation-failed");
  const sender = await addPerson(server, "sender", { scope: "uploads:write" });
  assertProblem(await sender.api.post("/v1/archives", { fileIds: ["a"] }), 403, "insufficient-scope");
  const dora = await addPerson(server, "dora");
  const nothing = await ended(dora, await ask(dora, "/v1/archives", { fileIds: ["nothing"] }));
  assert.deepEqual([nothing.state, nothing.failure?.code], ["failed", "archive-empty"]);
  const { fileId } = await upload(dora, "b.jpg");
  for (let each = 0; each < 3; each += 1) await ask(dora, "/v1/archives", { fileIds: [fileId] });
  assertProblem(await dora.api.post("/v1/archives", { fileIds: [fileId] }), 429, "too-many-archives");
});
