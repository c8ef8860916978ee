import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { type Answer, assertNames, assertProblem } from "./harness/api-client.ts";
import { deleteFile, getFile, getMe, mintDownload } from "./harness/files.ts";
import { makePng } from "./harness/images.ts";
import { sendRaw } from "./harness/raw-http.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes } from "./harness/transfer.ts";
import { getUpload, uploadToEnd } from "./harness/upload.ts";
import type { Page, StoredFile, Upload } from "./harness/wire.ts";

let server: Server;
let person: Person;

before(async () => {
  server = await startServer();
  person = await addPerson(server);
});
after(() => server.stop());

const newUpload = async (metadata: Readonly<Record<string, string>> = {}): Promise<Upload> =>
  uploadToEnd(person.api, await makePng(), { name: "first.png", metadata });

const patch = (fileId: string, json: unknown, ifMatch = "*"): Promise<Answer<StoredFile>> =>
  person.api.send("PATCH", `/v1/files/${fileId}`, { json, headers: { "if-match": ifMatch } });

const etagOf = async (fileId: string): Promise<string> =>
  (await person.api.get(`/v1/files/${fileId}`)).headers.get("etag") ?? "";

test("a file gets another name and other metadata, and everything else of it stays", async () => {
  const upload = await newUpload({ step: "1", by: "ann" });
  const before = await getFile(person.api, upload.fileId);
  const renamed = await patch(upload.fileId, { name: "Skye at dawn.png" }, await etagOf(upload.fileId));
  assert.equal(renamed.status, 200, renamed.text);
  assert.deepEqual(renamed.body, { ...before, name: "Skye at dawn.png" });
  assert.equal(renamed.headers.get("etag"), await etagOf(upload.fileId));
  assert.deepEqual(await getFile(person.api, upload.fileId), renamed.body);

  const metadata = { step: "2" };
  const tied = await patch(upload.fileId, { metadata }, renamed.headers.get("etag") ?? "");
  assert.deepEqual(tied.body, { ...renamed.body, metadata }, "what there was is replaced as a whole");
  const both = await patch(upload.fileId, { name: "a", metadata: {} });
  assert.deepEqual(both.body, { ...before, name: "a", metadata: {} });

  const { body } = await person.api.get<Page<StoredFile>>("/v1/files");
  assert.deepEqual(body.items[0], both.body);
  assert.equal((await getUpload(person.api, upload.id)).name, "first.png", "what was sent was called so");
});

test("a download is named as the file is now", async () => {
  const { fileId } = await newUpload();
  await mintDownload(person.api, fileId);
  await patch(fileId, { name: "later.png" });
  const { headers } = await fetchBytes(await mintDownload(person.api, fileId));
  assert.match(headers.get("content-disposition") ?? "", /"later\.png"/);
});

test("nothing is lost: without If-Match, or with an ETag of before, a change is refused", async () => {
  const { fileId } = await newUpload();
  const before = await etagOf(fileId);
  const without = await person.api.send("PATCH", `/v1/files/${fileId}`, { json: { name: "b" } });
  assertProblem(without, 428, "precondition-required");
  for (const other of ['"stale"', '"r99"', `W/${before}`, before.slice(1, -1), ""])
    assertProblem(await patch(fileId, { name: "b" }, other), 412, "precondition-failed");
  assert.equal((await patch(fileId, { name: "mine" }, before)).status, 200);
  assertProblem(await patch(fileId, { name: "theirs" }, before), 412, "precondition-failed");
  assert.equal((await getFile(person.api, fileId)).name, "mine");
  assert.equal((await patch(fileId, { name: "any" }, `"other", ${await etagOf(fileId)}`)).status, 200);
});

test("of ten changes at once from one ETag one is made, and nobody hears of success who had none", async () => {
  const { fileId } = await newUpload();
  const etag = await etagOf(fileId);
  const names = Array.from({ length: 10 }, (_, index) => `racer ${index}`);
  const answers = await Promise.all(names.map((name) => patch(fileId, { name }, etag)));
  const won = answers.filter(({ status }) => status === 200);
  assert.equal(won.length, 1);
  for (const answer of answers) if (answer !== won[0]) assertProblem(answer, 412, "precondition-failed");
  assert.equal((await getFile(person.api, fileId)).name, won[0]?.body.name);
});

test("a change to what is so already is done, and makes no new version of the page's knowledge", async () => {
  const { fileId } = await newUpload({ a: "1", b: "2" });
  const etag = await etagOf(fileId);
  for (const json of [{ name: "first.png" }, { metadata: { b: "2", a: "1" } }]) {
    const answer = await patch(fileId, json, etag);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("etag"), etag);
  }
});

test("members that can't be changed, or not yet, are refused by name, and so is a change of nothing", async () => {
  const { fileId } = await newUpload();
  const etag = await etagOf(fileId);
  const extra = [
    ["visibility", "everyone"],
    ["shareOriginal", "true"],
    ["albumIds", "all"],
    ["state", "trashed"],
    ["id", "other"],
    ["owner", { id: "me" }],
    ["sha256", "0".repeat(64)],
    ["version", 2],
    ["__proto__x", 1],
  ] as const;
  for (const [member, value] of extra) {
    assertNames(await patch(fileId, { [member]: value }, etag), `/${member}`);
    assertNames(await patch(fileId, { name: "b", [member]: value }, etag), `/${member}`);
  }
  for (const json of [{}, null, [], "name", 1, [{ name: "b" }]])
    assertProblem(await patch(fileId, json, etag), 400, "validation-failed");
  assert.equal(await etagOf(fileId), etag);
});

test("names and metadata are held to what a create holds them to", async () => {
  const { fileId } = await newUpload();
  const etag = await etagOf(fileId);
  const pairs = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}`, "v"]));
  for (const [json, pointer] of [
    [{ name: "" }, "/name"],
    [{ name: null }, "/name"],
    [{ name: 1 }, "/name"],
    [{ name: ["a"] }, "/name"],
    [{ name: "a\u0000b" }, "/name"],
    [{ name: "a\ud83d" }, "/name"],
    [{ name: "n".repeat(4097) }, "/name"],
    [{ name: `${"é".repeat(2048)}a` }, "/name"],
    [{ metadata: null }, "/metadata"],
    [{ metadata: [] }, "/metadata"],
    [{ metadata: { a: 1 } }, "/metadata/a"],
    [{ metadata: { a: null } }, "/metadata/a"],
    [{ metadata: { a: "x\u0000" } }, "/metadata/a"],
    [{ metadata: { a: "x".repeat(1025) } }, "/metadata/a"],
    [{ metadata: pairs(17) }, "/metadata"],
  ] as const)
    assertNames(await patch(fileId, json, etag), pointer);
  assert.equal(await etagOf(fileId), etag, "nothing was changed");
  const largest = { name: "é".repeat(2048), metadata: pairs(16) };
  const { body } = await patch(fileId, largest, etag);
  assert.deepEqual({ name: body.name, metadata: body.metadata }, largest);
});

test("a change over a raw socket is held to the same: JSON in UTF-8, one body, a token", async () => {
  const { fileId } = await newUpload();
  const etag = await etagOf(fileId);
  const send = (body: Buffer, headers: readonly (readonly [string, string])[]) =>
    sendRaw(server.api, { method: "PATCH", target: `/v1/files/${fileId}`, headers, body: [body] });
  const name = Buffer.from('{"name":"raw.png"}');
  const length = (body: Buffer) => ["Content-Length", String(body.length)] as const;
  const token = ["Authorization", `Bearer ${person.token}`] as const;
  const json = ["Content-Type", "application/json"] as const;
  const match = ["If-Match", etag] as const;
  const latin = Buffer.from('{"name":"caf\u00e9"}', "latin1");
  assert.equal((await send(name, [json, match, length(name)]))?.status, 401);
  assert.equal((await send(name, [token, match, length(name)]))?.status, 415);
  assert.equal((await send(name, [token, json, length(name)]))?.status, 428);
  assert.equal((await send(latin, [token, json, match, length(latin)]))?.status, 400);
  const empty = Buffer.alloc(0);
  assert.equal((await send(empty, [token, json, match, length(empty)]))?.status, 400);
  const large = Buffer.alloc(5 * 1024 * 1024, " ");
  assert.equal((await send(large, [token, json, match, length(large)]))?.status, 413);
  assert.equal(await etagOf(fileId), etag);
  assert.equal((await send(name, [token, json, match, length(name)]))?.status, 200);
  assert.equal((await getFile(person.api, fileId)).name, "raw.png");
});

test("what is in the trash is restored before it is changed, and what is purged is gone", async () => {
  const { fileId } = await newUpload();
  await deleteFile(person.api, fileId);
  const etag = await etagOf(fileId);
  assertProblem(await patch(fileId, { name: "b" }, etag), 409, "file-not-ready");
  assertProblem(await patch(fileId, { name: "first.png" }), 409, "file-not-ready");
  assertProblem(await patch(fileId, { name: "b" }, '"r1"'), 412, "precondition-failed");
  assert.equal(await etagOf(fileId), etag);
  await person.api.send("POST", `/v1/files/${fileId}/restore`, { headers: { "if-match": etag } });
  assert.equal((await patch(fileId, { name: "b" })).status, 200);
  await deleteFile(person.api, fileId, "?permanent=true");
  assertProblem(await patch(fileId, { name: "c" }), 404, "not-found");
});

test("changes take no room and no bytes", async () => {
  const { fileId } = await newUpload();
  const before = await getMe(person.api);
  for (let n = 0; n < 5; n += 1) await patch(fileId, { name: `${n}.png`, metadata: { n: String(n) } });
  assert.deepEqual(await getMe(person.api), before);
});
