import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { FileRecord } from "@stowage/core";
import { type ApiUnderTest, createApiUnderTest, intentOf } from "../api.testing.ts";

type Json = Record<string, unknown>;
type Headers = { authorization: string };

let api: ApiUnderTest;
let ann: Headers;
let bob: Headers;
before(async () => {
  api = await createApiUnderTest({ limits: { requestsPerMinute: 0, requestsPerMinutePerAddress: 0 } });
  // Longer than the clock is moved on.
  const exp = Math.floor(Date.now() / 1000) + 86_400;
  const as = async (sub: string) => ({ authorization: `Bearer ${await api.sign({ sub, exp })}` });
  ann = await as("ann");
  bob = await as("bob");
});
after(() => api.close());

const send = (
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE",
  url: string,
  headers: Partial<Headers> = {},
  payload?: Json,
) => api.server.inject({ method, url, headers, ...(payload ? { payload } : {}) });

/** A ready photo of Ann's with places in it: others get a copy of 5 bytes. */
async function newFile(): Promise<FileRecord> {
  const payload = { files: [{ ...intentOf(Buffer.from("photo"), "Beach.jpg"), metadata: { secret: "1" } }] };
  const created = await send("POST", "/v1/uploads", ann, payload);
  const { id, fileId } = created.json().items[0].upload;
  const { metadata: store } = api.services;
  await store.completeUpload({ uploadId: id, actor: "system" });
  await store.claimUpload({ leaseMs: 1000 });
  const rendition = { kind: "stripped", sizeBytes: 5, sha256: "cd".repeat(32), version: 1000 } as const;
  const facts = { key: `files/${id}`, sizeBytes: 9, sha256: "ab".repeat(32), contentType: "image/jpeg" };
  const result = { kind: "ready", detail: "", facts: { ...facts, rendition, derivatives: [] } } as const;
  await store.finishUpload({ uploadId: id, attempt: 1, result, dooms: [] });
  const file = await store.findFile(fileId);
  assert.ok(file);
  return file;
}

async function newLink(wish: Json = {}) {
  const file = await newFile();
  const made = await send("POST", `/v1/files/${file.id}/links`, ann, wish);
  assert.equal(made.statusCode, 201, made.body);
  return { file, link: made.json() as { id: string; token: string; url: string; expiresAt: string } };
}

const open = (token: string, passphrase?: string) =>
  send("POST", "/v1/links/open", {}, { token, ...(passphrase === undefined ? {} : { passphrase }) });

async function opened(token: string): Promise<Headers> {
  const answer = await open(token);
  assert.equal(answer.statusCode, 200, answer.body);
  return { authorization: `Bearer ${answer.json().token}` };
}

const nothing = async () => {
  const answer = await open("A".repeat(43));
  assert.equal(answer.statusCode, 404);
  return withoutRequestId(answer.json());
};
const withoutRequestId = ({ requestId: _, ...problem }: Json) => problem;

test("a link opens for whoever has it, to the file as others see it, and its secret is shown once", async () => {
  const { file, link } = await newLink();
  assert.match(link.token, /^[A-Za-z0-9_-]{43}$/);
  assert.equal(link.url, `https://web.example/l#${link.token}`);
  const answer = (await open(link.token)).json();
  assert.deepEqual(answer.target, { kind: "file", id: file.id });
  assert.ok(answer.expiresInSeconds > 3590 && answer.expiresInSeconds <= 3600);
  assert.equal(answer.file.id, file.id);
  assert.deepEqual(answer.file.metadata, {});
  assert.deepEqual(answer.file.access, { can: ["read"], because: "You came by a link to it." });
  assert.equal(answer.file.sizeBytes, 5);

  const list = (await send("GET", `/v1/files/${file.id}/links`, ann)).json();
  const { token: _, url: __, ...shown } = link as unknown as Json;
  assert.deepEqual(list, { items: [{ ...shown, opens: 1 }], nextCursor: null });
  assert.doesNotMatch(
    JSON.stringify(await api.services.metadata.listAuditEvents({ afterSequence: 0, limit: 1000 })),
    new RegExp(link.token),
  );
});

test("it ends in 30 days where nobody says when, and never later than in 366", async () => {
  const file = await newFile();
  const make = (wish: Json) => send("POST", `/v1/files/${file.id}/links`, ann, wish);
  const dayMs = 86_400_000;
  const nowMs = api.services.clock.nowMs();
  const inDays = (days: number) => new Date(nowMs + days * dayMs).toISOString();
  const untold = Date.parse((await make({})).json().expiresAt) - nowMs;
  assert.ok(untold >= 30 * dayMs && untold < 30 * dayMs + 60_000);
  assert.equal((await make({ expiresAt: inDays(365) })).json().expiresAt, inDays(365));
  for (const expiresAt of [inDays(-1), inDays(367), "tomorrow", "2026-12-24"]) {
    const answer = await make({ expiresAt });
    assert.equal(answer.statusCode, 400, expiresAt);
    assert.equal(answer.json().errors[0].pointer, "/expiresAt");
  }
  for (const wish of [{ passphrase: "seven77" }, { maxOpens: 0 }, { maxOpens: 1.5 }, { expires: 1 }])
    assert.equal((await make(wish)).statusCode, 400, JSON.stringify(wish));
});

test("one that is unknown, has ended, was taken back or was opened often enough is nothing, all alike", async () => {
  const { link: once } = await newLink({ maxOpens: 1 });
  await opened(once.token);
  const { file, link: revoked } = await newLink({ passphrase: "correct horse" });
  assert.equal((await send("DELETE", `/v1/files/${file.id}/links/${revoked.id}`, ann)).statusCode, 204);
  const short = new Date(api.services.clock.nowMs() + 60_000).toISOString();
  const { link: ended } = await newLink({ expiresAt: short });
  api.advance(61_000);
  for (const { token } of [once, revoked, ended]) {
    const answer = await open(token);
    assert.equal(answer.statusCode, 404);
    assert.deepEqual(withoutRequestId(answer.json()), await nothing());
  }
});

test("what was given out is good for nothing in the next request once the link is taken back or has ended", async () => {
  const { file, link } = await newLink();
  const came = await opened(link.token);
  assert.equal((await send("GET", `/v1/files/${file.id}`, came)).statusCode, 200);
  await send("DELETE", `/v1/files/${file.id}/links/${link.id}`, ann);
  assert.equal((await send("GET", `/v1/files/${file.id}`, came)).statusCode, 401);
  assert.equal((await send("DELETE", `/v1/files/${file.id}/links/${link.id}`, ann)).statusCode, 404);

  const expiresAt = new Date(api.services.clock.nowMs() + 90_000).toISOString();
  const short = await newLink({ expiresAt });
  const answer = (await open(short.link.token)).json();
  assert.ok(answer.expiresInSeconds <= 90);
  const headers = { authorization: `Bearer ${answer.token}` };
  const download = await send("POST", "/v1/downloads", headers, {
    files: [{ id: short.file.id, derivative: "rendition" }],
  });
  const [item] = download.json().items;
  if (item.request) assert.ok(item.request.expiresInSeconds <= 90);
  else assert.equal(item.problem.code, "derivative-pending");
  api.advance(90_000);
  assert.equal((await send("GET", `/v1/files/${short.file.id}`, headers)).statusCode, 401);
});

test("a passphrase is asked for, and the right one opens however its accents are typed", async () => {
  const { link } = await newLink({ passphrase: "Bärenhöhle" });
  const asked = await open(link.token);
  assert.deepEqual([asked.statusCode, asked.json().code], [403, "passphrase-required"]);
  const wrong = await open(link.token, "Barenhohle");
  assert.deepEqual([wrong.statusCode, wrong.json().code], [403, "passphrase-wrong"]);
  assert.equal((await open(link.token, "Bärenhöhle".normalize("NFD"))).statusCode, 200);
  const nobody = await open("B".repeat(43), "Bärenhöhle");
  assert.deepEqual(withoutRequestId(nobody.json()), await nothing());
});

test("the eleventh wrong passphrase of an hour finds it locked, the right one too, until the hour is over", async () => {
  const { link, file } = await newLink({ passphrase: "correct horse" });
  const tries = await Promise.all(
    Array.from({ length: 30 }, (_, index) => open(link.token, `wrong ${index}`)),
  );
  const codes = tries.map((answer) => answer.json().code);
  assert.equal(codes.filter((code) => code === "passphrase-wrong").length, 10);
  assert.equal(codes.filter((code) => code === "rate-limited").length, 20);
  const right = await open(link.token, "correct horse");
  assert.deepEqual([right.statusCode, right.json().code], [429, "rate-limited"]);
  const seconds = Number(right.headers["retry-after"]);
  assert.ok(seconds > 3500 && seconds <= 3600, `${seconds}`);
  assert.equal((await open(link.token)).statusCode, 429);
  api.advance(seconds * 1000);
  assert.equal((await open(link.token, "correct horse")).statusCode, 200);
  const [shown] = (await send("GET", `/v1/files/${file.id}/links`, ann)).json().items;
  assert.deepEqual([shown.hasPassphrase, shown.opens], [true, 1]);
});

test("a file that is in the trash opens for nobody, counts as no opening, and opens again once it is restored", async () => {
  const { file, link } = await newLink({ maxOpens: 1 });
  const { metadata: store } = api.services;
  await store.trashFile({ fileId: file.id, revision: 1, actor: "system" });
  assert.deepEqual(withoutRequestId((await open(link.token)).json()), await nothing());
  await store.restoreFile({ fileId: file.id, revision: 2, actor: "system" });
  const came = await opened(link.token);
  await store.trashFile({ fileId: file.id, revision: 3, actor: "system" });
  assert.equal((await send("GET", `/v1/files/${file.id}`, came)).statusCode, 404);
  await store.purgeFile({ fileId: file.id, revision: 4, actor: "system" });
  assert.equal((await send("GET", `/v1/files/${file.id}`, came)).statusCode, 401);
});

test("only who owns a file makes, sees and takes back links to it; to others they are as if they were not", async () => {
  const { file, link } = await newLink();
  const came = await opened(link.token);
  const path = `/v1/files/${file.id}/links`;
  for (const [method, url] of [
    ["POST", path],
    ["GET", path],
    ["DELETE", `${path}/${link.id}`],
  ] as const) {
    const stranger = await send(method, url, bob);
    assert.equal(stranger.statusCode, 404, url);
    const noFile = await send(method, url.replace(file.id, api.services.ids.newId()), bob);
    assert.deepEqual(withoutRequestId(stranger.json()), withoutRequestId(noFile.json()));
    assert.equal((await send(method, url, came)).statusCode, 403, url);
    assert.equal((await send(method, url)).statusCode, 401, url);
  }
  await api.services.metadata.trashFile({ fileId: file.id, revision: 1, actor: "system" });
  assert.equal((await send("POST", path, ann)).json().code, "file-not-ready");
  assert.equal((await send("GET", path, ann)).json().items.length, 1);
  assert.equal((await send("DELETE", `${path}/${link.id}`, ann)).statusCode, 204);
});

test("the hundred and first link that has not ended is refused", async () => {
  const file = await newFile();
  const path = `/v1/files/${file.id}/links`;
  for (let made = 0; made < 100; made += 1) assert.equal((await send("POST", path, ann)).statusCode, 201);
  const answer = await send("POST", path, ann, {});
  assert.deepEqual([answer.statusCode, answer.json().code], [409, "too-many-links"]);
  const first = (await send("GET", `${path}?limit=60`, ann)).json();
  const second = (await send("GET", `${path}?limit=60&cursor=${first.nextCursor}`, ann)).json();
  const ids = [...first.items, ...second.items].map(({ id }: { id: string }) => id);
  assert.deepEqual([ids.length, new Set(ids).size, second.nextCursor], [100, 100, null]);
});

test("who came by a link gets the file, its content and its downloads by any route, and nothing else by any", async () => {
  const { file, link } = await newLink();
  const other = await newFile();
  const shown = { ...ann, "if-match": "*" };
  assert.equal(
    (await send("PATCH", `/v1/files/${other.id}`, shown, { visibility: "public" })).statusCode,
    200,
  );
  const came = await opened(link.token);
  const document = (await api.server.inject("/openapi.json")).json();
  const before = await api.services.metadata.listAuditEvents({ afterSequence: 0, limit: 10_000 });
  const allowed = new Map<string, string[]>();
  for (const [path, item] of Object.entries<Json>(document.paths))
    for (const method of Object.keys(item)) {
      const { security } = item[method] as { security?: unknown[] };
      if (security?.length === 0) continue;
      for (const [whose, id] of [
        ["linked", file.id],
        ["other", other.id],
        ["none", api.services.ids.newId()],
      ] as const) {
        const url = path.replace("{version}", "1").replaceAll(/\{\w+\}/g, id);
        const body = path === "/v1/downloads" ? { files: [{ id, derivative: "thumbnail" }] } : {};
        const answer = await api.server.inject({
          method: method.toUpperCase() as "POST",
          url,
          headers: { ...came, "if-match": "*" },
          ...(method === "get" || method === "delete" ? {} : { payload: body }),
        });
        assert.ok(answer.statusCode < 500 || answer.json().code === "derivative-pending", `${method} ${url}`);
        if (whose !== "linked") assert.doesNotMatch(answer.body, /Beach|"sha256"/, `${method} ${url}`);
        if (answer.statusCode >= 400) continue;
        const operation = `${method} ${path}`;
        allowed.set(operation, [...(allowed.get(operation) ?? []), whose]);
      }
    }
  const lists = [...allowed].filter(([, whose]) => whose.length === 3).map(([operation]) => operation);
  for (const operation of lists) {
    const [, path = ""] = operation.split(" ");
    for (const query of path === "/v1/files" ? ["", "?scope=public&limit=1", "?scope=shared"] : [""]) {
      const { items, nextCursor } = (await send("GET", path + query, came)).json();
      assert.deepEqual([items, nextCursor], [[], null], operation + query);
    }
    allowed.delete(operation);
  }
  const payload = { files: [{ id: other.id }, { id: api.services.ids.newId() }] };
  const [ofPublic, ofNothing] = (await send("POST", "/v1/downloads", came, payload)).json().items;
  assert.deepEqual(ofPublic.problem, ofNothing.problem);
  assert.deepEqual([...allowed], [["get /v1/files/{id}", ["linked"]]]);
  const events = await api.services.metadata.listAuditEvents({
    afterSequence: before.at(-1)?.sequence ?? 0,
    limit: 100,
  });
  assert.deepEqual(
    events.filter(({ action }) => action !== "derivative.asked" && action !== "access.denied"),
    [],
  );
});

test("a request that is sent again under its Idempotency-Key makes no second link, and shows no secret again", async () => {
  const file = await newFile();
  const make = (payload: Json, key = "key-1") =>
    api.server.inject({
      method: "POST",
      url: `/v1/files/${file.id}/links`,
      headers: { ...ann, "idempotency-key": key },
      payload,
    });
  const first = await make({ maxOpens: 3 });
  const again = await make({ maxOpens: 3 });
  assert.deepEqual([first.statusCode, again.statusCode], [201, 200]);
  const { token, url, ...shown } = first.json();
  assert.ok(token && url);
  assert.deepEqual(again.json(), shown);
  const other = await make({ maxOpens: 4 });
  assert.deepEqual([other.statusCode, other.json().code], [422, "idempotency-key-reused"]);
  assert.equal((await make({ maxOpens: 4 }, "key-2")).statusCode, 201);
  for (const key of ["two words", "x".repeat(129), "é"])
    assert.equal((await make({}, key)).statusCode, 400, key);
});
