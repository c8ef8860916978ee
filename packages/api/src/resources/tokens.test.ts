import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ApiUnderTest, createApiUnderTest, intentOf } from "../api.testing.ts";

type Json = Record<string, unknown>;
type Headers = Record<string, string>;

let api: ApiUnderTest;
let ann: Headers;
let bob: Headers;
before(async () => {
  api = await createApiUnderTest({ limits: { requestsPerMinute: 0, requestsPerMinutePerAddress: 0 } });
  ann = await signedIn("ann");
  bob = await signedIn("bob");
});
after(() => api.close());

const everything = "files:read files:write uploads:write albums:write audit:read operations:read";

/** For longer than the clock is moved on. */
async function signedIn(sub: string, scope = everything, claims: Json = {}): Promise<Headers> {
  const exp = Math.floor(Date.now() / 1000) + 90 * 86_400;
  return { authorization: `Bearer ${await api.sign({ sub, scope, exp, ...claims })}` };
}

const send = (
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE",
  url: string,
  headers: Headers = {},
  payload?: Json,
) => api.server.inject({ method, url, headers, ...(payload ? { payload } : {}) });

const mint = (wish: Json = {}, by: Headers = ann, headers: Headers = {}) =>
  send("POST", "/v1/tokens", { ...by, ...headers }, wish);

/** What a program with a new token sends. */
async function minted(wish: Json = {}, by: Headers = ann) {
  const answer = await mint(wish, by);
  assert.equal(answer.statusCode, 201, answer.body);
  const token = answer.json();
  return { token, as: { authorization: `Bearer ${token.token}` } as Headers };
}

let files = 0;
const intent = (o: Json = {}): Json => {
  files += 1;
  return { ...intentOf(Buffer.from(`photo ${files}`), `${files}.jpg`), ...o };
};

const create = async (as: Headers, o: Json = {}) => {
  const answer = await send("POST", "/v1/uploads", as, { files: [intent(o)] });
  return answer.json().items?.[0] ?? answer.json();
};

/** An upload whose bytes have come and were found good. */
async function newReady(as: Headers, o: Json = {}) {
  const { upload } = await create(as, o);
  const { metadata: store } = api.services;
  await store.completeUpload({ uploadId: upload.id, actor: "system" });
  await store.claimUpload({ leaseMs: 1000 });
  const facts = {
    key: `files/${upload.id}`,
    sizeBytes: 9,
    sha256: "ab".repeat(32),
    contentType: "image/jpeg",
  };
  const result = { kind: "ready", detail: "", facts: { ...facts, derivatives: [] } } as const;
  await store.finishUpload({ uploadId: upload.id, attempt: 1, result, dooms: [] });
  return upload as { readonly id: string; readonly fileId: string };
}

const newAlbum = async (by: Headers = ann, wish: Json = {}) => {
  const answer = await send("POST", "/v1/albums", by, { name: "Trip", ...wish });
  assert.equal(answer.statusCode, 201, answer.body);
  return answer.json().id as string;
};

const codeOf = (answer: { statusCode: number; json(): Json }) => [answer.statusCode, answer.json().code];

test("a token is shown once, sends as who minted it, and is listed without its secret", async () => {
  const carol = await signedIn("carol");
  const { token, as } = await minted({}, carol);
  const { token: secret, ...shown } = token;
  assert.deepEqual(token.scopes, ["uploads:write"]);
  assert.ok(token.expiresInSeconds > 86_390 && token.expiresInSeconds <= 86_400);
  assert.equal(Date.parse(token.expiresAt) - Date.parse(token.createdAt), 86_400_000);
  const { upload } = await create(as, { ref: "r" });
  assert.equal((await create(carol, { ...intent(), ref: "r" })).problem.code, "ref-reused");
  const own = await send("GET", `/v1/uploads/${upload.id}`, carol);
  assert.equal(own.statusCode, 200);
  const { items, nextCursor } = (await send("GET", "/v1/tokens", carol)).json();
  const { expiresInSeconds: _, ...listed } = items[0];
  const { expiresInSeconds: __, ...expected } = shown;
  assert.deepEqual(listed, { ...expected, sentFiles: 1, sentBytes: upload.sizeBytes });
  assert.deepEqual([items.length, nextCursor], [1, null]);
  const events = await api.services.metadata.listAuditEvents({ afterSequence: 0, limit: 1000 });
  assert.ok(!JSON.stringify(events).includes(secret));
});

test("the same ref is the same upload, whether a page's token sends it or the one that was minted", async () => {
  const { as } = await minted();
  const file = intent({ ref: "same" });
  const [byPage, byToken, again] = await Promise.all(
    [ann, as, ann].map(async (who) => (await create(who, file)).upload.id),
  );
  assert.ok(byPage === byToken && byToken === again);
});

test("it sends to the end: it asks for URLs and parts, completes, learns the verdict, and aborts what is pending", async () => {
  const { as } = await minted();
  const { upload } = await create(ann);
  const path = `/v1/uploads/${upload.id}`;
  assert.equal((await send("POST", `${path}/urls`, as, {})).statusCode, 200);
  assert.equal((await send("POST", `${path}/urls`, as, { as: "multipart" })).statusCode, 409);
  const large = (await create(as, { sizeBytes: 20_000_001, contentType: "video/mp4", name: "a.mp4" })).upload;
  assert.equal(large.transfer.kind, "multipart");
  assert.deepEqual((await send("GET", `/v1/uploads/${large.id}/parts`, as)).json(), { items: [] });
  assert.deepEqual(codeOf(await send("POST", `${path}/complete`, as)), [409, "bytes-missing"]);
  assert.equal((await send("POST", "/v1/uploads/complete", as, { ids: [upload.id] })).statusCode, 409);
  const ready = await newReady(ann);
  const list = await send("GET", `/v1/uploads?ids=${upload.id},${ready.id}`, as);
  assert.deepEqual(
    list.json().items.map(({ state }: Json) => state),
    ["pending", "ready"],
  );
  assert.equal((await send("GET", `/v1/uploads/${ready.id}`, as)).json().events.at(-1).type, "ready");
  assert.equal((await send("DELETE", path, as)).json().upload.state, "aborted");
});

test("it is told nothing of what ended before it was minted, or is another's", async () => {
  const before = await newReady(ann);
  const bobs = (await create(bob)).upload;
  api.advance(1);
  const { as } = await minted();
  for (const { id } of [before, bobs]) {
    for (const [method, path] of [
      ["GET", ""],
      ["GET", "/parts"],
      ["POST", "/urls"],
      ["POST", "/complete"],
      ["DELETE", ""],
    ] as const)
      assert.deepEqual(codeOf(await send(method, `/v1/uploads/${id}${path}`, as)), [404, "not-found"]);
    assert.deepEqual((await send("GET", `/v1/uploads?ids=${id}`, as)).json().items, []);
  }
});

test("with uploads:write alone it reaches nothing but uploads, whatever is asked", async () => {
  const { as } = await minted();
  const { fileId, id } = await newReady(ann);
  const albumId = await newAlbum();
  const paths = (await send("GET", "/openapi.json")).json().paths as Record<string, Json>;
  const open = new Set(["POST /v1/links/open", "POST /v1/invites/preview"]);
  let asked = 0;
  for (const [path, methods] of Object.entries(paths))
    for (const method of Object.keys(methods)) {
      const operation = `${method.toUpperCase()} ${path}`;
      if (!path.startsWith("/v1/") || path.startsWith("/v1/uploads") || open.has(operation)) continue;
      if (path === "/v1/store-events" || path === "/v1/audit") continue;
      const url = path
        .replace("{id}", path.startsWith("/v1/albums") ? albumId : fileId)
        .replace(/\{\w+\}/g, "1");
      const answer = await send(method.toUpperCase() as "GET", url, as);
      assert.equal(answer.statusCode, 403, `${operation}: ${answer.body}`);
      asked += 1;
    }
  assert.ok(asked > 50, `${asked} operations`);
  assert.deepEqual(codeOf(await send("GET", `/v1/audit?fileId=${fileId}`, as)), [403, "insufficient-scope"]);
  assert.deepEqual(codeOf(await send("GET", "/v1/audit", as)), [403, "insufficient-scope"]);
  assert.deepEqual(codeOf(await send("GET", "/v1/uploads", as)), [403, "insufficient-scope"]);
  assert.deepEqual(codeOf(await send("GET", "/v1/uploads?state=pending", as)), [403, "insufficient-scope"]);
  const replaces = { fileId, version: 1 };
  assert.deepEqual(codeOf(await send("POST", "/v1/uploads", as, { files: [intent({ replaces })] })), [
    403,
    "insufficient-scope",
  ]);
  assert.equal((await send("GET", `/v1/uploads/${id}`, as)).statusCode, 200);
});

test("it mints no tokens, and lists and revokes none, with whatever scopes", async () => {
  const scopes = ["uploads:write", "files:read", "files:write", "albums:write"];
  const { token, as } = await minted({ scopes });
  assert.deepEqual(codeOf(await mint({}, as)), [403, "forbidden"]);
  assert.deepEqual(codeOf(await send("GET", "/v1/tokens", as)), [403, "forbidden"]);
  assert.deepEqual(codeOf(await send("DELETE", `/v1/tokens/${token.id}`, as)), [403, "forbidden"]);
});

test("with every scope it is the person for files and albums, and never for their account", async () => {
  const scopes = ["albums:write", "files:write", "files:read", "uploads:write"];
  const { token, as } = await minted({ scopes });
  assert.deepEqual(token.scopes, ["uploads:write", "files:read", "files:write", "albums:write"]);
  const { fileId } = await newReady(ann, { metadata: { step: "1" } });
  const file = await send("GET", `/v1/files/${fileId}`, as);
  assert.deepEqual(file.json(), (await send("GET", `/v1/files/${fileId}`, ann)).json());
  const changed = { ...as, "if-match": file.headers.etag as string };
  assert.equal((await send("PATCH", `/v1/files/${fileId}`, changed, { name: "b.jpg" })).statusCode, 200);
  assert.deepEqual((await send("GET", "/v1/files", as)).json(), (await send("GET", "/v1/files", ann)).json());
  assert.equal((await send("GET", "/v1/uploads", as)).statusCode, 200);
  const albumId = await newAlbum(as);
  assert.equal((await send("GET", `/v1/albums/${albumId}`, ann)).json().role, "owner");
  const url = (await send("POST", "/v1/downloads", as, { files: [{ id: fileId }] })).json().items[0].request;
  assert.ok(url.expiresInSeconds > 0);
  for (const [method, path, payload] of [
    ["GET", "/v1/me"],
    ["PATCH", "/v1/me", { name: "Eve" }],
    ["DELETE", "/v1/me", { confirm: true }],
    ["POST", "/v1/me/sign-out-everywhere"],
    ["POST", "/v1/me/export"],
    ["POST", "/v1/archives", { fileIds: [fileId] }],
  ] as const) {
    const answer = await send(method, path, { ...as, "if-match": "*" }, payload as Json | undefined);
    assert.ok([400, 403].includes(answer.statusCode), `${method} ${path}: ${answer.body}`);
  }
  assert.deepEqual(codeOf(await send("GET", "/v1/me", as)), [403, "forbidden"]);
});

test("no URL that is minted by it outlives it", async () => {
  const { fileId } = await newReady(ann);
  const { as } = await minted({ scopes: ["files:read"], expiresInSeconds: 60 });
  const [item] = (await send("POST", "/v1/downloads", as, { files: [{ id: fileId }] })).json().items;
  assert.ok(item.request.expiresInSeconds <= 60);
});

test("scopes are a part of what the token has by which it is asked for", async () => {
  const reader = await signedIn("ann", "files:read");
  assert.deepEqual(codeOf(await mint({}, reader)), [403, "insufficient-scope"]);
  assert.deepEqual(codeOf(await mint({ scopes: ["files:read", "files:write"] }, reader)), [
    403,
    "insufficient-scope",
  ]);
  assert.equal((await mint({ scopes: ["files:read"] }, reader)).statusCode, 201);
  const twice = await minted({ scopes: ["uploads:write", "uploads:write"] });
  assert.deepEqual(twice.token.scopes, ["uploads:write"]);
});

const badWishes: readonly (readonly [string, Json, string])[] = [
  ["a scope of operators", { scopes: ["operations:read"] }, "/scopes/0"],
  ["a scope that there is not", { scopes: ["all"] }, "/scopes/0"],
  ["no scope", { scopes: [] }, "/scopes"],
  ["59 seconds", { expiresInSeconds: 59 }, "/expiresInSeconds"],
  ["more than 30 days", { expiresInSeconds: 2_592_001 }, "/expiresInSeconds"],
  ["no file", { maxFiles: 0 }, "/maxFiles"],
  ["half a byte", { maxBytes: 0.5 }, "/maxBytes"],
  [
    "seventeen pairs",
    { metadata: Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`k${n}`, ""])) },
    "/metadata",
  ],
  ["a profile that there is not", { profile: "avatars" }, "/profile"],
  ["a bound of sending beside reading", { scopes: ["files:read"], albumId: "a" }, "/albumId"],
  ["bounds beside writing", { scopes: ["uploads:write", "files:write"], maxFiles: 1 }, "/maxFiles"],
];

for (const [what, wish, pointer] of badWishes)
  test(`a wish with ${what} is refused by name`, async () => {
    const answer = await mint(wish);
    assert.deepEqual(codeOf(answer), [400, "validation-failed"]);
    assert.ok(
      answer.json().errors.some((error: Json) => error.pointer === pointer),
      answer.body,
    );
  });

test("a member that nobody knows is refused, and bounds at their ends are taken", async () => {
  assert.equal((await mint({ expiresIn: 60 })).statusCode, 400);
  for (const expiresInSeconds of [60, 2_592_000]) {
    const { token } = await minted({ expiresInSeconds });
    assert.equal(Date.parse(token.expiresAt) - Date.parse(token.createdAt), expiresInSeconds * 1000);
  }
});

test("what a token is bound to is added where it is left out, and refused where it is contradicted", async () => {
  const albumId = await newAlbum();
  const other = await newAlbum();
  const { as } = await minted({ profile: "default", albumId, metadata: { step: "1" } });
  const { upload } = await create(as, { metadata: { room: "b" } });
  const record = await api.services.metadata.findUpload(upload.id);
  assert.deepEqual(
    [record?.profile, record?.albumId, record?.metadata],
    ["default", albumId, { room: "b", step: "1" }],
  );
  assert.ok("upload" in (await create(as, { albumId, profile: "default", metadata: { step: "1" } })));
  const crowd = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`k${index}`, ""]));
  for (const [wish, code, member] of [
    [{ albumId: other }, "forbidden", "albumId"],
    [{ profile: "avatars" }, "forbidden", "profile"],
    [{ metadata: { step: "2" } }, "forbidden", "metadata"],
    [{ metadata: crowd }, "validation-failed", "metadata"],
    [{ visibility: "public" }, "validation-failed", "visibility"],
  ] as const) {
    const { problem } = await create(as, wish);
    assert.deepEqual([problem.code, problem.errors[0].pointer], [code, `/files/0/${member}`]);
  }
  const [good, bad] = (
    await send("POST", "/v1/uploads", as, { files: [intent(), intent({ albumId: other })] })
  ).json().items;
  assert.ok(good.upload && bad.problem);
});

test("a bound token comes to no upload that it may not send, nor by its ref", async () => {
  const albumId = await newAlbum();
  const { as } = await minted({ metadata: { step: "1" } });
  const unsaid = intent({ ref: "beyond" });
  const { upload } = await create(ann, { ...unsaid, metadata: { step: "2" } });
  for (const [method, path] of [
    ["GET", ""],
    ["POST", "/urls"],
    ["POST", "/complete"],
    ["DELETE", ""],
  ] as const)
    assert.equal((await send(method, `/v1/uploads/${upload.id}${path}`, as)).statusCode, 404);
  assert.equal((await create(as, unsaid)).problem.code, "ref-reused");
  const elsewhere = (await minted({ albumId })).as;
  assert.equal((await create(elsewhere, unsaid)).problem.code, "ref-reused");
});

test("how much it may send is counted at each create, and what failed is not given back", async () => {
  const { token, as } = await minted({ maxFiles: 2, maxBytes: 100 });
  const first = (await create(as, { ref: "one" })).upload;
  assert.equal((await send("DELETE", `/v1/uploads/${first.id}`, as)).statusCode, 200);
  const large = await create(as, { sizeBytes: 99 });
  assert.deepEqual(
    [large.problem.code, large.problem.detail],
    [
      "quota-exceeded",
      `The file has 99 bytes, and ${100 - first.sizeBytes} are left of what this token may send.`,
    ],
  );
  assert.ok((await create(as)).upload);
  assert.equal((await create(as)).problem.code, "quota-exceeded");
  const { items } = (await send("GET", "/v1/tokens", ann)).json();
  const shown = items.find(({ id }: Json) => id === token.id);
  assert.deepEqual([shown.sentFiles, shown.maxFiles, shown.maxBytes], [2, 2, 100]);
  assert.ok((await create(ann)).upload);
});

test("it sends with its person's quota and rate, not with others' beside it", async () => {
  const small = await createApiUnderTest({ limits: { openUploads: 1 } });
  try {
    const person = await small.as("ann");
    const post = (url: string, headers: Headers, payload: Json) =>
      small.server.inject({ method: "POST", url, headers, payload });
    const { token } = (await post("/v1/tokens", person, {})).json();
    const files = () => ({ files: [intent()] });
    assert.equal((await post("/v1/uploads", person, files())).statusCode, 201);
    const answer = await post("/v1/uploads", { authorization: `Bearer ${token}` }, files());
    assert.equal(answer.json().items[0].problem.code, "too-many-open-uploads");
  } finally {
    await small.close();
  }
});

test("one of an album is for who may add to it, and ends once they leave it", async () => {
  const albumId = await newAlbum();
  const bobId = (await send("GET", "/v1/me", bob)).json().id;
  const member = `/v1/albums/${albumId}/members/${bobId}`;
  assert.deepEqual(codeOf(await mint({ albumId }, bob)), [404, "not-found"]);
  assert.deepEqual(codeOf(await mint({ albumId: "none" }, bob)), [404, "not-found"]);
  await send("PUT", member, ann, { role: "viewer" });
  assert.equal((await mint({ albumId }, bob)).statusCode, 404);
  await send("PUT", member, ann, { role: "contributor" });
  const { as } = await minted({ albumId }, bob);
  assert.ok((await create(as)).upload);
  await send("PUT", member, ann, { role: "viewer" });
  assert.equal((await create(as)).problem.code, "not-found");
  await send("DELETE", member, ann);
  assert.equal((await send("GET", "/v1/uploads?ids=a", as)).statusCode, 401);
});

test("what was sent to a sealed album may be finished by it, but not deleted", async () => {
  const revealAt = new Date(api.services.clock.nowMs() + 3_600_000).toISOString();
  const albumId = await newAlbum(ann, { revealAt });
  const { as } = await minted({ albumId });
  const { id, fileId } = await newReady(as);
  const path = `/v1/uploads/${id}`;
  assert.deepEqual((await send("GET", path, as)).json(), { id, state: "ready" });
  assert.deepEqual(codeOf(await send("DELETE", path, as)), [409, "upload-not-pending"]);
  assert.equal((await api.services.metadata.findFile(fileId))?.state, "sealed");
  assert.equal((await send("DELETE", path, ann)).statusCode, 200);
});

test("it is dead at the next request once it is taken back, and with its time", async () => {
  const { token, as } = await minted();
  const ask = (who = as) => send("GET", "/v1/uploads?ids=a", who);
  assert.equal((await ask()).statusCode, 200);
  assert.deepEqual(codeOf(await send("DELETE", `/v1/tokens/${token.id}`, bob)), [404, "not-found"]);
  assert.equal((await send("DELETE", `/v1/tokens/${token.id}`, ann)).statusCode, 204);
  assert.equal((await ask()).statusCode, 401);
  assert.deepEqual(codeOf(await send("DELETE", `/v1/tokens/${token.id}`, ann)), [404, "not-found"]);
  const short = await minted({ expiresInSeconds: 60 });
  api.advance(59_000);
  assert.equal((await ask(short.as)).statusCode, 200);
  api.advance(1_000);
  assert.equal((await ask(short.as)).statusCode, 401);
});

test("signing out everywhere ends it, also where it is asked for in that moment", async () => {
  const dave = await signedIn("dave");
  const { as } = await minted({}, dave);
  const { id } = (await send("GET", "/v1/me", dave)).json();
  await api.services.metadata.signOutEverywhere({ principalId: id });
  assert.equal((await send("GET", "/v1/uploads?ids=a", as)).statusCode, 401);
  // The token that was ended is remembered for a moment yet.
  const late = await mint({}, dave);
  assert.ok(late.statusCode === 404 || late.statusCode === 401, late.body);
});

test("deleting the account ends it", async () => {
  const erin = await signedIn("erin");
  const { as } = await minted({}, erin);
  const { id } = (await send("GET", "/v1/me", erin)).json();
  await api.services.metadata.deleteAccount({ principalId: id });
  assert.equal((await send("GET", "/v1/uploads?ids=a", as)).statusCode, 401);
});

test("a request that is sent again under its key mints no second token, and shows the first without its secret", async () => {
  const key = { "idempotency-key": "one" };
  const wish = { scopes: ["uploads:write", "files:read"] };
  const first = await mint(wish, ann, key);
  const again = await mint({ scopes: [...wish.scopes].reverse() }, ann, key);
  assert.deepEqual([first.statusCode, again.statusCode], [201, 200]);
  const { token, expiresInSeconds: _, ...shown } = first.json();
  const { expiresInSeconds: __, ...repeated } = again.json();
  assert.ok(token);
  assert.deepEqual(repeated, shown);
  assert.deepEqual(codeOf(await mint({}, ann, key)), [422, "idempotency-key-reused"]);
  assert.equal((await mint({}, bob, key)).statusCode, 201);
  await send("DELETE", `/v1/tokens/${shown.id}`, ann);
  assert.deepEqual(codeOf(await mint(wish, ann, key)), [404, "not-found"]);
});

test("a person has at most 100 that have not ended, in a list whose pages join", async () => {
  const fay = await signedIn("fay");
  for (let count = 0; count < 100; count += 1) await minted({}, fay);
  assert.deepEqual(codeOf(await mint({}, fay)), [409, "too-many-tokens"]);
  const seen = new Set<string>();
  let cursor: string | null = "";
  while (cursor !== null) {
    const query: string = cursor === "" ? "" : `&cursor=${cursor}`;
    const page = (await send("GET", `/v1/tokens?limit=30${query}`, fay)).json();
    for (const { id } of page.items) seen.add(id);
    cursor = page.nextCursor;
  }
  assert.equal(seen.size, 100);
  assert.deepEqual(codeOf(await send("GET", "/v1/tokens?cursor=x", fay)), [400, "validation-failed"]);
});

test("who has no account mints none", async () => {
  assert.equal((await mint({}, {})).statusCode, 401);
  const albumId = await newAlbum();
  const invite = (await send("POST", `/v1/albums/${albumId}/invites`, ann, { role: "contributor" })).json();
  const guest = (await send("POST", "/v1/invites/accept", {}, { token: invite.token, name: "Gus" })).json();
  const as = { authorization: `Bearer ${guest.token}` };
  assert.deepEqual(codeOf(await mint({}, as)), [403, "forbidden"]);
  assert.deepEqual(codeOf(await send("GET", "/v1/tokens", as)), [403, "forbidden"]);
});

test("what is sent by it is shown to whom its person says, as by themselves", async () => {
  const { as } = await minted();
  const { upload } = await create(as, { visibility: "public" });
  assert.deepEqual((await api.services.metadata.findUpload(upload.id))?.audience, { kind: "public" });
});
