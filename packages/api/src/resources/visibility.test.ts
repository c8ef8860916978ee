import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { stripperVersion } from "@stowage/core";
import { type ApiUnderTest, createApiUnderTest, intentOf } from "../api.testing.ts";
import { makeReadyFile } from "../ready-file.testing.ts";

let api: ApiUnderTest;
before(async () => {
  api = await createApiUnderTest();
});
after(() => api.close());

type Method = "GET" | "PATCH" | "POST";

/** `name@organisation`, or a name alone for who is of none. */
async function headersOf(who: string): Promise<{ authorization: string }> {
  const [sub = "", org] = who.split("@");
  return { authorization: `Bearer ${await api.sign({ sub, ...(org === undefined ? {} : { org }) })}` };
}

async function ask(who: string | undefined, method: Method, url: string, payload?: object) {
  const headers = { ...(who === undefined ? {} : await headersOf(who)), "if-match": "*" };
  const answer = await api.server.inject({ method, url, headers, ...(payload ? { payload } : {}) });
  return {
    status: answer.statusCode,
    body: answer.body === "" ? {} : answer.json(),
    headers: answer.headers,
  };
}

const annsFile = async (intent: Readonly<Record<string, unknown>> = {}) =>
  (await makeReadyFile(api, await headersOf("ann@acme"), { intent })).fileId;

const statusesOf = async (id: string) =>
  Promise.all(
    ["ann@acme", "bob@acme", "carol@other", "dave"].map(
      async (who) => (await ask(who, "GET", `/v1/files/${id}`)).status,
    ),
  );

const listedFor = async (who: string, scope: string): Promise<string[]> =>
  (await ask(who, "GET", `/v1/files?scope=${scope}&limit=200`)).body.items.map(
    ({ id }: { id: string }) => id,
  );

test("a file is seen by its owner alone, by their organisation too, or by everyone, as its owner says", async () => {
  const id = await annsFile();
  const show = (visibility: string) => ask("ann@acme", "PATCH", `/v1/files/${id}`, { visibility });
  assert.deepEqual(await statusesOf(id), [200, 404, 404, 404]);
  assert.equal((await show("organisation")).body.visibility, "organisation");
  assert.deepEqual(await statusesOf(id), [200, 200, 404, 404]);
  assert.ok((await listedFor("bob@acme", "organisation")).includes(id));
  assert.ok(!(await listedFor("carol@other", "organisation")).includes(id));
  assert.deepEqual(await listedFor("dave", "organisation"), []);
  await show("public");
  assert.deepEqual(await statusesOf(id), [200, 200, 200, 200]);
  assert.ok((await listedFor("dave", "public")).includes(id));
  assert.ok(!(await listedFor("bob@acme", "organisation")).includes(id));
  const again = await show("public");
  assert.equal(again.headers.etag, (await ask("ann@acme", "GET", `/v1/files/${id}`)).headers.etag);
  await show("private");
  assert.deepEqual(await statusesOf(id), [200, 404, 404, 404]);
  assert.ok(!(await listedFor("dave", "public")).includes(id));
});

test("what people share with one by name is a list of its own", async () => {
  const id = await annsFile();
  const { id: dave } = (await ask("dave", "GET", "/v1/me")).body;
  await api.server.inject({
    method: "PUT",
    url: `/v1/files/${id}/grants/${dave}`,
    headers: await headersOf("ann@acme"),
  });
  assert.deepEqual(await listedFor("dave", "shared"), [id]);
  assert.deepEqual(await listedFor("ann@acme", "shared"), []);
  assert.ok(!(await listedFor("dave", "own")).includes(id));
});

test("nobody but its owner says to whom a file is shown, and who is of no organisation shows it to none", async () => {
  const id = await annsFile({ visibility: "public" });
  const refused = await ask("bob@acme", "PATCH", `/v1/files/${id}`, { visibility: "private" });
  assert.deepEqual([refused.status, refused.body.code], [403, "forbidden"]);
  const davesId = (await makeReadyFile(api, await headersOf("dave"))).fileId;
  const none = await ask("dave", "PATCH", `/v1/files/${davesId}`, { visibility: "organisation" });
  assert.deepEqual([none.status, none.body.errors[0].pointer], [400, "/visibility"]);
  const files = [{ ...intentOf(Buffer.from("x")), visibility: "organisation" }];
  const created = await ask("dave", "POST", "/v1/uploads", { files });
  assert.deepEqual([created.status, created.body.items[0].problem.code], [400, "validation-failed"]);
});

test("a file is shown from the moment that it is ready to whom its sender said", async () => {
  assert.deepEqual(await statusesOf(await annsFile({ visibility: "organisation" })), [200, 200, 404, 404]);
  assert.deepEqual(await statusesOf(await annsFile({ visibility: "public" })), [200, 200, 200, 200]);
  assert.deepEqual(await statusesOf(await annsFile({ visibility: "private" })), [200, 404, 404, 404]);
});

test("others are told the size and hash of what they would get, no metadata, and where it is not known none", async () => {
  const stripped = {
    kind: "stripped",
    sizeBytes: 7,
    sha256: "cd".repeat(32),
    version: stripperVersion,
  } as const;
  const cases = [
    [{ rendition: stripped }, [7, "cd".repeat(32), "stripped"]],
    [
      { rendition: { kind: "original", version: stripperVersion } as const },
      [1, "ab".repeat(32), "original"],
    ],
    [{ rendition: { kind: "none", version: stripperVersion } as const }, [undefined, undefined, "none"]],
    [{}, [undefined, undefined, undefined]],
    [{ rendition: { ...stripped, version: 1 } }, [undefined, undefined, undefined]],
  ] as const;
  for (const [facts, expected] of cases) {
    const { fileId } = await makeReadyFile(api, await headersOf("ann@acme"), {
      facts,
      intent: { visibility: "public", metadata: { gps: "52.5,13.4" } },
    });
    const { body } = await ask("dave", "GET", `/v1/files/${fileId}`);
    assert.deepEqual([body.sizeBytes, body.sha256, body.rendition?.kind], expected);
    assert.deepEqual([body.metadata, body.conflicts, body.access.can], [{}, 0, ["read"]]);
    const own = (await ask("ann@acme", "GET", `/v1/files/${fileId}`)).body;
    assert.deepEqual([own.sizeBytes, own.sha256, own.metadata.gps], [1, "ab".repeat(32), "52.5,13.4"]);
    const patched = await ask("ann@acme", "PATCH", `/v1/files/${fileId}`, { shareOriginal: true });
    assert.equal(patched.body.shareOriginal, true);
    const shared = (await ask("dave", "GET", `/v1/files/${fileId}`)).body;
    assert.deepEqual([shared.sizeBytes, shared.sha256, shared.metadata], [1, "ab".repeat(32), {}]);
  }
});

test("the content of a public file needs no token, that of any other is 401 without one, as is what there is not", async () => {
  const facts = { rendition: { kind: "original", version: stripperVersion } as const };
  const headers = await headersOf("ann@acme");
  const { fileId } = await makeReadyFile(api, headers, { facts, intent: { visibility: "public" } });
  const { fileId: hidden } = await makeReadyFile(api, headers, { facts });
  const found = await ask(undefined, "GET", `/v1/files/${fileId}/content`);
  assert.equal(found.status, 302);
  assert.equal(found.headers["cache-control"], "no-store");
  const tell = async (id: string) => {
    const { status, body, headers } = await ask(undefined, "GET", `/v1/files/${id}/content`);
    return [status, { ...body, requestId: "" }, headers["www-authenticate"]];
  };
  assert.deepEqual(await tell(hidden), await tell("none"));
  assert.equal((await tell(hidden))[0], 401);
  const bad = await api.server.inject({
    url: `/v1/files/${fileId}/content`,
    headers: { authorization: "Bearer bad" },
  });
  assert.equal(bad.statusCode, 401);
  assert.equal((await ask(undefined, "GET", `/v1/files/${fileId}`)).status, 401, "no other route does");
  const missing = await ask(undefined, "GET", `/v1/files/${fileId}/content?derivative=no-such`);
  assert.equal(missing.status, 404);
});

test("what others ask for of one's files never fills one's own queue", async () => {
  const { fileId } = await makeReadyFile(api, await headersOf("eve"), {
    name: "a.pdf",
    intent: { contentType: "application/pdf", visibility: "public" },
    facts: { contentType: "application/pdf", pageCount: 500 },
  });
  const pages = async (who: string, from: number, count: number) => {
    const files = Array.from({ length: count }, (_, index) => ({
      id: fileId,
      derivative: "page",
      page: from + index,
    }));
    const { body } = await ask(who, "POST", "/v1/downloads", { files });
    return body.items.map(({ problem }: { problem: { code: string } }) => problem.code);
  };
  const codes: string[] = await pages("dave", 2, 30);
  assert.equal(codes.filter((code) => code === "derivative-pending").length, 20);
  assert.equal(codes.filter((code) => code === "rate-limited").length, 10);
  assert.ok((await pages("eve", 100, 100)).every((code: string) => code === "derivative-pending"));
});

for (const query of ["scope=shared&sort=name", "scope=public&q=a", "scope=organisation&type=image"])
  test(`GET /v1/files?${query} is answered 400 unsupported-combination`, async () => {
    assert.equal((await ask("ann@acme", "GET", `/v1/files?${query}`)).body.code, "unsupported-combination");
  });

test("a cursor tells nothing of the file behind which its page begins, which its owner took back with themselves", async () => {
  const [first, second] = [
    await annsFile({ visibility: "public" }),
    await annsFile({ visibility: "organisation" }),
  ];
  const { nextCursor } = (await ask("bob@acme", "GET", "/v1/files?scope=organisation&limit=1")).body;
  // Ann leaves the organisation: what she showed it is nobody's there.
  await ask("ann", "GET", "/v1/me");
  const { body } = await ask("bob@acme", "GET", "/v1/files?scope=organisation&limit=1");
  assert.deepEqual(body.items, []);
  for (const cursor of [nextCursor, body.nextCursor].filter((each) => each !== null)) {
    const bytes = Buffer.from(cursor, "base64url").toString("latin1");
    for (const id of [first, second]) assert.ok(!bytes.includes(id), "it names no file");
    assert.ok(!/\d{13}/.test(bytes), "nor when one came");
  }
  assert.notEqual(nextCursor, null);
});

test("others' ETag of a file changes with what they are told of it, and with nothing that its owner does for themselves", async () => {
  const id = await annsFile({ visibility: "public" });
  const etag = async (who: string) => String((await ask(who, "GET", `/v1/files/${id}`)).headers.etag);
  const [anns, daves] = [await etag("ann@acme"), await etag("dave")];
  await ask("ann@acme", "PATCH", `/v1/files/${id}`, { metadata: { case: "divorce" } });
  assert.notEqual(await etag("ann@acme"), anns);
  assert.equal(await etag("dave"), daves);
  const url = `/v1/files/${id}`;
  const again = { ...(await headersOf("dave")), "if-none-match": daves };
  assert.equal((await api.server.inject({ url, headers: again })).statusCode, 304);
  await ask("ann@acme", "PATCH", url, { name: "other.jpg" });
  assert.notEqual(await etag("dave"), daves);
  assert.equal((await api.server.inject({ url, headers: again })).statusCode, 200);
});
