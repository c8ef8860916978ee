import assert from "node:assert/strict";
import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { addPerson, makeToken, type Person } from "./harness/add-person.ts";
import { type Api, assertNames, assertProblem, createApi } from "./harness/api-client.ts";
import { decodeToken, readSigningKey, signToken } from "./harness/forge-token.ts";
import { makePng } from "./harness/images.ts";
import { createMultipart, listParts, sendParts } from "./harness/multipart.ts";
import { noteToken } from "./harness/run-record.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import {
  completeUpload,
  createUpload,
  emptyPromise,
  type Intent,
  intentOf,
  sendUpload,
  uploadToEnd,
  waitForEnd,
} from "./harness/upload.ts";
import { makeVideo } from "./harness/videos.ts";
import type { CreateAnswer, Page } from "./harness/wire.ts";

interface Token {
  readonly id: string;
  readonly token: string;
  readonly sentFiles: number;
  readonly sentBytes: number;
}

let server: Server;
let person: Person;
before(async () => {
  server = await startServer();
  person = await addPerson(server);
});
after(() => server.stop());

async function mint(by: Api, wish: object = {}): Promise<{ readonly id: string; readonly api: Api }> {
  const { status, text, body } = await by.post<Token>("/v1/tokens", wish);
  assert.equal(status, 201, text);
  noteToken("a capability token", body.token);
  return { id: body.id, api: createApi(server.api, body.token) };
}

const isGood = async ({ api }: { readonly api: Api }): Promise<boolean> => {
  const { status } = await api.get("/v1/uploads?ids=none");
  assert.ok(status === 200 || status === 401, String(status));
  return status === 200;
};

test("a program sends photographs and a video to their end for the person whose token it has", async () => {
  const { api } = await mint(person.api);
  const photo = await uploadToEnd(api, await makePng());
  assert.equal(photo.state, "ready");
  const { upload, parts } = await createMultipart(api, makeVideo(20_000_001));
  await sendParts(api, upload.id, parts.slice(0, 1));
  assert.equal((await listParts(api, upload.id)).length, 1);
  await sendParts(api, upload.id, parts.slice(1));
  await completeUpload(api, upload.id);
  assert.equal((await waitForEnd(api, upload.id)).state, "ready");
  for (const { fileId } of [photo, upload]) {
    assert.equal((await person.api.get(`/v1/files/${fileId}`)).status, 200);
    assertProblem(await api.get(`/v1/files/${fileId}`), 403, "insufficient-scope");
  }
});

test("what a page began a program finishes, and learns what became of it", async () => {
  const bytes = await makePng();
  const intent = intentOf(bytes);
  const begun = await sendUpload(person.api, bytes, intent);
  const { api } = await mint(person.api);
  assert.equal((await createUpload(api, intent)).id, begun.id);
  await completeUpload(api, begun.id);
  assert.equal((await waitForEnd(api, begun.id)).state, "ready");
  assert.equal((await createUpload(person.api, intent)).state, "ready");
});

test("of many creates at once a token lets through exactly what it may send", async () => {
  const { id, api } = await mint(person.api, { maxFiles: 5, metadata: { step: "7" } });
  const create = (intent: Intent) => api.post<CreateAnswer>("/v1/uploads", { files: [intent] });
  const intents = Array.from({ length: 20 }, () => emptyPromise(10));
  const answers = await Promise.all(intents.map(create));
  const created = answers.flatMap(({ body }) => body.items.flatMap(({ upload }) => upload ?? []));
  assert.equal(created.length, 5);
  for (const { body } of answers)
    for (const { problem } of body.items) assert.ok(!problem || problem.code === "quota-exceeded");
  const [first] = created;
  const again = intents[answers.findIndex(({ body }) => body.items[0]?.upload)];
  assert.ok(first && again);
  assert.equal((await create(again)).body.items[0]?.upload?.id, first.id);
  await api.delete(`/v1/uploads/${first.id}`);
  assertProblem(await create(emptyPromise(10)), 403, "quota-exceeded");
  const { items } = (await person.api.get<Page<Token>>("/v1/tokens")).body;
  const shown = items.find((token) => token.id === id);
  assert.deepEqual([shown?.sentFiles, shown?.sentBytes, shown?.token], [5, 50, undefined]);
});

test("a token is for what its person may, and for no more than it says", async () => {
  const reader = createApi(server.api, await makeToken(server, person.email, { scope: "files:read" }));
  assertProblem(await reader.post("/v1/tokens"), 403, "insufficient-scope");
  assertNames(await person.api.post("/v1/tokens", { scopes: ["operations:read"] }), "/scopes/0");
  assertNames(await person.api.post("/v1/tokens", { profile: "none" }), "/profile");
  assertNames(await person.api.post("/v1/tokens", { expiresInSeconds: 59 }), "/expiresInSeconds");
  const { api } = await mint(person.api, { scopes: ["uploads:write", "files:read"] });
  assert.equal((await api.get("/v1/files")).status, 200);
  assertProblem(await api.post("/v1/tokens"), 403, "forbidden");
  assertProblem(await api.get("/v1/me"), 403, "forbidden");
  assertProblem(await api.delete("/v1/me"), 403, "insufficient-scope");
});

test("a forged token is refused, whatever is right about it", async () => {
  const { id, api } = await mint(person.api);
  const genuine = api.token ?? "";
  const { header, claims } = decodeToken(genuine);
  const [head = "", said = "", signature = ""] = genuine.split(".");
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const authenticated = (secret: Uint8Array) =>
    `${head}.${said}.${createHmac("sha256", secret).update(`${head}.${said}`).digest("base64url")}`;
  const key = readSigningKey(server.dataDir);
  const other = decodeToken((await mint(person.api)).api.token ?? "").claims;
  for (const [what, token] of [
    ["another's id", `${head}.${encode({ ...claims, jti: other.jti })}.${signature}`],
    ["a later end", `${head}.${encode({ ...claims, exp: Number(claims.exp) + 1 })}.${signature}`],
    ["a key of nothing", authenticated(new Uint8Array(32))],
    ["a random key", authenticated(randomBytes(32))],
    ["no signature", `${head}.${said}.`],
    ["no algorithm", `${encode({ ...header, alg: "none" })}.${said}.`],
    ["the issuer's signature", signToken({ header: { ...header, alg: "RS256" }, claims }, key)],
    ["the type of an access token", `${encode({ ...header, typ: "at+jwt" })}.${said}.${signature}`],
    ["its id alone", id],
    ["a cut end", genuine.slice(0, -2)],
  ] as const) {
    const forged = createApi(server.api, token);
    assertProblem(await forged.get("/v1/uploads?ids=none"), 401, "unauthenticated");
    assert.equal((await forged.post("/v1/uploads", { files: [emptyPromise(1)] })).status, 401, what);
  }
  assert.ok(await isGood({ api }), "the genuine one is good, so that the refusals mean something");
});

test("taken back it is good for nothing in the next request", async () => {
  const taken = await mint(person.api);
  const kept = await mint(person.api);
  const { id } = await createUpload(taken.api, emptyPromise(10));
  const stranger = await addPerson(server, "stranger");
  assertProblem(await stranger.api.delete(`/v1/tokens/${taken.id}`), 404, "not-found");
  assert.equal((await person.api.delete(`/v1/tokens/${taken.id}`)).status, 204);
  assert.equal(await isGood(taken), false);
  assertProblem(await taken.api.post(`/v1/uploads/${id}/urls`), 401, "unauthenticated");
  assert.equal(await isGood(kept), true);
  assert.equal((await person.api.post(`/v1/uploads/${id}/urls`)).status, 200);
});

test("signing out everywhere, and deleting the account, ends all of a person's, and nobody else's", async () => {
  const [leaving, gone] = [await addPerson(server, "leaving"), await addPerson(server, "gone")];
  const [ofLeaving, ofGone, kept] = [
    await mint(leaving.api),
    await mint(gone.api, { scopes: ["uploads:write", "files:read"] }),
    await mint(person.api),
  ];
  assert.equal((await leaving.api.post("/v1/me/sign-out-everywhere")).status, 204);
  assert.equal(await isGood(ofLeaving), false);
  // For up to a second the token that was just ended may be remembered; it mints nothing then, either.
  const late = await leaving.api.post("/v1/tokens");
  assert.ok(late.status === 401 || late.status === 404, `${late.status}`);
  const confirm = { json: { confirm: "delete everything" } };
  assert.equal((await gone.api.send("DELETE", "/v1/me", confirm)).status, 204);
  assert.equal(await isGood(ofGone), false);
  assert.equal(await isGood(kept), true);
});

test("a request that is sent again under its key mints one token, and shows it once", async () => {
  const headers = { "idempotency-key": randomUUID() };
  const json = { expiresInSeconds: 60 };
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => person.api.send<Token>("POST", "/v1/tokens", { json, headers })),
  );
  assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 200, 200, 200, 201]);
  assert.equal(new Set(answers.map(({ body }) => body.id)).size, 1);
  const [told, ...more] = answers.flatMap(({ body }) => body.token ?? []);
  assert.ok(told && more.length === 0);
  noteToken("a capability token", told);
});
