// Two people and an album that is sealed until its reveal: what each of them is told before, and after.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { makePlacedPhoto } from "./access-matrix/sending.ts";
import { addPerson, type Person } from "./harness/add-person.ts";
import { type Answer, assertProblem, createApi, type SendOptions } from "./harness/api-client.ts";
import { getMe, listAll } from "./harness/files.ts";
import { noteToken } from "./harness/run-record.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes, putRequestOf, sendBytes, sha256Of } from "./harness/transfer.ts";
import { completeUpload, createUpload, intentOf, waitForEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";
import type { Album, DownloadsAnswer, Page, Problem, StoredFile } from "./harness/wire.ts";

let server: Server;
let ann: Person;
let ben: Person;
let stranger: Person;

before(async () => {
  server = await startServer({ set: { "worker.sweepSeconds": 1 } });
  ann = await addPerson(server, "ann");
  ben = await addPerson(server, "ben");
  stranger = await addPerson(server, "stranger");
});
after(() => server.stop());

const inSeconds = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

async function makeAlbum(more: object): Promise<Album> {
  const { status, body, text } = await ann.api.post<Album>("/v1/albums", { name: "Wedding", ...more });
  assert.equal(status, 201, text);
  const { id } = await getMe(ben.api);
  const json = { role: "contributor" };
  assert.equal((await ann.api.send("PUT", `/v1/albums/${body.id}/members/${id}`, { json })).status, 200);
  return body;
}

/** Somebody who came by an invite, without an account. */
async function addGuest(albumId: string): Promise<Viewer> {
  const invite = await ann.api.post<{ token: string }>(`/v1/albums/${albumId}/invites`, {
    role: "contributor",
  });
  assert.equal(invite.status, 201, invite.text);
  const nobody = createApi(server.api);
  const joined = await nobody.post<{ token: string }>("/v1/invites/accept", {
    token: invite.body.token,
    name: "Cy",
  });
  assert.equal(joined.status, 200, joined.text);
  noteToken("a guest's token", joined.body.token);
  return { email: "a guest", api: createApi(server.api, joined.body.token) };
}

/** Whoever asks. */
type Viewer = Pick<Person, "api" | "email">;

async function send(person: Viewer, albumId: string) {
  const bytes = await makePlacedPhoto("an album");
  const intent = { ...intentOf(bytes, { name: "kiss.jpg", contentType: "image/jpeg" }), albumId };
  const upload = await createUpload(person.api, intent);
  assert.equal((await sendBytes(putRequestOf(upload), bytes)).status, 200);
  await completeUpload(person.api, upload.id);
  const ended = await waitForEnd(person.api, upload.id);
  assert.equal(ended.state, "ready", JSON.stringify(ended));
  return { bytes, uploadId: upload.id, fileId: upload.fileId, ended };
}

const count = async ({ api }: Viewer, { id }: Album) => (await api.get<Album>(`/v1/albums/${id}`)).body.count;

test("before its reveal an album tells everybody its count and nothing else, and after it everything at once", async () => {
  const album = await makeAlbum({ revealAt: inSeconds(3600) });
  const path = `/v1/albums/${album.id}`;
  const guest = await addGuest(album.id);
  const photo = await send(ben, album.id);
  const theirs = await send(guest, album.id);
  assert.deepEqual(photo.ended, { id: photo.uploadId, state: "ready" });
  const file = `/v1/files/${photo.fileId}`;
  const ofNothing = async (person: Viewer, method: string, address: string, options: SendOptions) => {
    const answer = await person.api.send<Problem>(method, address, options);
    const { requestId: _, ...told } = answer.body ?? {};
    return { status: answer.status, told };
  };
  const sinks: readonly (readonly [string, string, SendOptions])[] = [
    ["GET", "", {}],
    ["GET", "/content", {}],
    ["GET", "/content?derivative=thumbnail", {}],
    ["GET", "/versions", {}],
    ["PATCH", "", { json: { name: "x.jpg" }, headers: { "if-match": "*" } }],
    ["DELETE", "", { headers: { "if-match": "*" } }],
    ["DELETE", "?permanent=true", { headers: { "if-match": "*" } }],
    ["POST", "/restore", { headers: { "if-match": "*" } }],
  ];
  for (const person of [ann, ben, stranger, guest]) {
    for (const [method, rest, options] of sinks)
      assert.deepEqual(
        await ofNothing(person, method, `${file}${rest}`, options),
        await ofNothing(person, method, `/v1/files/none${rest}`, options),
        `${method} ${rest} by ${person.email}`,
      );
    const audit = await ofNothing(person, "GET", `/v1/audit?fileId=${photo.fileId}`, {});
    assert.equal(audit.status, 404);
    const downloads = await person.api.post<DownloadsAnswer>("/v1/downloads", {
      files: [{ id: photo.fileId }, { id: photo.fileId, derivative: "thumbnail" }],
    });
    assert.equal(downloads.status, 404);
    for (const list of ["/v1/files", "/v1/files?q=kiss", "/v1/files?sort=taken", "/v1/files?scope=trash"])
      assert.deepEqual(await listAll(person.api, list), [], list);
  }
  for (const person of [ann, ben, guest]) {
    assert.equal(await count(person, album), 2);
    assertProblem(await person.api.get(`${path}/files`), 404, "not-found");
    assertProblem(await person.api.get(`/v1/files?albumId=${album.id}`), 404, "not-found");
  }
  assertProblem(await stranger.api.get(path), 404, "not-found");
  const told = await ben.api.get(`/v1/uploads/${photo.uploadId}`);
  assert.deepEqual(told.body, { id: photo.uploadId, state: "ready" });
  const patch = { json: { albumIds: [] }, headers: { "if-match": "*" } };
  assertProblem(await ben.api.send("PATCH", file, patch), 409, "sealed");
  assert.ok((await getMe(ben.api)).usedBytes >= photo.bytes.length);
  assertProblem(await ben.api.post(`${path}/reveal`), 403, "forbidden");
  assertProblem(await ann.api.delete(path, { "if-match": "*" }), 409, "sealed");

  const revealed: Answer<Album> = await ann.api.post<Album>(`${path}/reveal`);
  assert.equal(revealed.status, 200, revealed.text);
  assert.equal(revealed.body.sealed, false);
  for (const person of [ann, ben, guest]) {
    const found = await listAll<StoredFile>(person.api, `${path}/files`);
    assert.deepEqual(
      found.map(({ id }) => id),
      [theirs.fileId, photo.fileId],
    );
    assert.equal(await count(person, album), 2);
  }
  assertProblem(await stranger.api.get(file), 404, "not-found");
  const own = (await ben.api.get<StoredFile>(file)).body;
  assert.equal(own.sha256, sha256Of(photo.bytes));
  const given = await waitFor("what others get of it", async () => {
    const files = [{ id: photo.fileId }, { id: photo.fileId, derivative: "thumbnail" }];
    const { body } = await ann.api.post<DownloadsAnswer>("/v1/downloads", { files });
    const request = body.items[0]?.request;
    return request && fetchBytes(request);
  });
  const others = (await ann.api.get<StoredFile>(file)).body;
  assert.notEqual(sha256Of(given.bytes), own.sha256, "places are the owner's alone");
  assert.equal(others.sha256, sha256Of(given.bytes));
  assert.deepEqual(others.metadata, {});
});

test("an album whose time has come is revealed without anybody asking, and its shots end before that", async () => {
  const album = await makeAlbum({ revealAt: inSeconds(8), shotsPerMember: 1 });
  const path = `/v1/albums/${album.id}`;
  const { fileId } = await send(ben, album.id);
  const again = { ...intentOf(Buffer.from("x"), { contentType: "image/png" }), albumId: album.id };
  assertProblem(await ben.api.post("/v1/uploads", { files: [again] }), 403, "no-shots-left");
  assert.equal((await ben.api.get<Album>(path)).body.shotsLeft, 0);
  await waitFor("its reveal", async () => !(await ben.api.get<Album>(path)).body.sealed);
  for (const person of [ann, ben]) {
    const { body } = await person.api.get<Page<StoredFile>>(`/v1/files?albumId=${album.id}`);
    assert.deepEqual(
      body.items.map(({ id }) => id),
      [fileId],
    );
  }
});
