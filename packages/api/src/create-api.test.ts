import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type ApiUnderTest, createApiUnderTest, intentOf } from "./api.testing.ts";

const bytes = Buffer.from("bytes of a photograph");

let api: ApiUnderTest;
let ann: { authorization: string };
before(async () => {
  api = await createApiUnderTest({ corsOrigins: ["https://app.example"] });
  ann = await api.as("ann");
});
after(() => api.close());

const create = (payload: object | string, headers: Record<string, string> = ann) =>
  api.server.inject({
    method: "POST",
    url: "/v1/uploads",
    headers: { "content-type": "application/json", ...headers },
    payload,
  });

test("a file is announced and answered with a request that a browser can send as it stands", async () => {
  const response = await create({ files: [{ ...intentOf(bytes), ref: "one" }] });
  assert.equal(response.statusCode, 201);
  const [{ ref, upload }] = response.json().items;
  assert.equal(ref, "one");
  assert.equal(upload.state, "pending");
  assert.equal(upload.transfer.request.method, "PUT");
  const { expiresInSeconds } = upload.transfer.request;
  assert.ok(expiresInSeconds <= 600 && expiresInSeconds >= 590, "as long as configured, but for rounding");
  const names = Object.keys(upload.transfer.request.headers).map((name) => name.toLowerCase());
  assert.ok(!names.includes("host") && !names.includes("content-length"));
});

for (const [what, payload, pointer] of [
  ["an unknown member of the request", { files: [intentOf(bytes)], owner: "bob" }, "/owner"],
  ["an unknown member of a file", { files: [{ ...intentOf(bytes), state: "ready" }] }, "/files/0/state"],
  ["a member with a slash in its name", { files: [{ ...intentOf(bytes), "a/b~c": 1 }] }, "/files/0/a~1b~0c"],
  ["a negative size", { files: [{ ...intentOf(bytes), sizeBytes: -1 }] }, "/files/0/sizeBytes"],
  ["a fractional size", { files: [{ ...intentOf(bytes), sizeBytes: 1.5 }] }, "/files/0/sizeBytes"],
  ["a size in a string", { files: [{ ...intentOf(bytes), sizeBytes: "12" }] }, "/files/0/sizeBytes"],
  ["a size that no object has", { files: [{ ...intentOf(bytes), sizeBytes: 1e300 }] }, "/files/0/sizeBytes"],
  ["an upper-case digest", { files: [{ ...intentOf(bytes), sha256: "AB".repeat(32) }] }, "/files/0/sha256"],
  ["an empty name", { files: [{ ...intentOf(bytes), name: "" }] }, "/files/0/name"],
  ["a name with NUL", { files: [{ ...intentOf(bytes), name: "a\0b" }] }, "/files/0/name"],
  [
    "a name with half a surrogate pair",
    { files: [{ ...intentOf(bytes), name: "a\ud800b" }] },
    "/files/0/name",
  ],
  ["a name of more than 4 KB", { files: [{ ...intentOf(bytes), name: "é".repeat(2049) }] }, "/files/0/name"],
  [
    "too many metadata pairs",
    { files: [{ ...intentOf(bytes), metadata: manyPairs() }] },
    "/files/0/metadata",
  ],
  [
    "metadata that is not text",
    { files: [{ ...intentOf(bytes), metadata: { a: 1 } }] },
    "/files/0/metadata/a",
  ],
  ["no file at all", { files: [] }, "/files"],
  ["101 files", { files: Array.from({ length: 101 }, () => intentOf(bytes)) }, "/files"],
  ["an array", [], ""],
] as const)
  test(`${what} is refused, and named`, async () => {
    const response = await create(payload as object);
    assert.equal(response.statusCode, 400);
    const problem = response.json();
    assert.equal(problem.code, "validation-failed");
    assert.equal(problem.status, 400);
    assert.equal(problem.errors[0].pointer, pointer);
    assert.match(problem.requestId, /^[0-9a-f-]{36}$/);
  });

function manyPairs(): Record<string, string> {
  return Object.fromEntries(Array.from({ length: 17 }, (_, index) => [`key${index}`, "value"]));
}

for (const [what, body, status, code] of [
  ["a body that is not JSON", "{", 400, "malformed-json"],
  ["a body that would poison prototypes", '{"__proto__":{"a":1},"files":[]}', 400, "validation-failed"],
  ["an empty body", "", 400, "validation-failed"],
  ["a body of more than 4 MiB", JSON.stringify({ files: "x".repeat(5_000_000) }), 413, "body-too-large"],
] as const)
  test(`${what} is a problem of its own`, async () => {
    const response = await create(body);
    assert.equal(response.statusCode, status);
    assert.equal(response.json().code, code);
  });

test("another content type is refused", async () => {
  const response = await create("files=1", { ...ann, "content-type": "application/x-www-form-urlencoded" });
  assert.equal(response.statusCode, 415);
  assert.equal(response.json().code, "unsupported-media-type");
});

test("where all items fail with one status, that is the answer's, and the items are still there", async () => {
  const html = { ...intentOf(bytes), contentType: "text/html" };
  const one = await create({ files: [html] });
  assert.equal(one.statusCode, 415);
  assert.equal(one.json().status, 415);
  assert.equal(one.json().items[0].problem.code, "type-not-allowed");
  assert.equal(one.json().errors[0].pointer, "/files/0/contentType");
  const large = { ...intentOf(bytes), sizeBytes: 20_000_001 };
  assert.equal((await create({ files: [large, large] })).statusCode, 413);
  assert.equal((await create({ files: [html, large] })).statusCode, 400);
  assert.equal((await create({ files: [html, intentOf(bytes)] })).statusCode, 201);
});

test("complete and urls take a JSON content type without a body", async () => {
  const { items } = (await create({ files: [intentOf(bytes)] })).json();
  const { id } = items[0].upload;
  const headers = { ...ann, "content-type": "application/json" };
  const urls = await api.server.inject({ method: "POST", url: `/v1/uploads/${id}/urls`, headers });
  assert.equal(urls.statusCode, 200);
  assert.equal(urls.json().upload.transfer.kind, "put");
  const complete = await api.server.inject({ method: "POST", url: `/v1/uploads/${id}/complete`, headers });
  assert.equal(complete.statusCode, 409);
  assert.equal(complete.json().code, "bytes-missing");
});

test("many uploads are completed item by item", async () => {
  const { items } = (await create({ files: [intentOf(bytes), intentOf(Buffer.from("other"))] })).json();
  const [first, second] = items.map(({ upload }: { upload: { id: string } }) => upload.id);
  const { landingKey } = (await api.services.metadata.findUpload(first)) ?? { landingKey: "" };
  await api.services.objects.put({
    key: landingKey,
    body: bytes,
    contentType: "image/jpeg",
    sha256: intentOf(bytes).sha256,
  });
  const response = await api.server.inject({
    method: "POST",
    url: "/v1/uploads/complete",
    headers: ann,
    payload: { ids: [first, second, "no-such"] },
  });
  assert.equal(response.statusCode, 202);
  const answers = response.json().items;
  assert.equal(answers[0].upload.state, "uploaded");
  assert.equal(answers[1].problem.code, "bytes-missing");
  assert.equal(answers[2].problem.code, "not-found");
});

test("a list goes on behind its cursor, and takes no other list's", async () => {
  const eve = await api.as("eve");
  for (let index = 0; index < 5; index += 1) await create({ files: [intentOf(bytes, `${index}.jpg`)] }, eve);
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const url: string = `/v1/uploads?limit=2${cursor ? `&cursor=${cursor}` : ""}`;
    const page = (await api.server.inject({ url, headers: eve })).json();
    seen.push(...page.items.map(({ name }: { name: string }) => name));
    cursor = page.nextCursor;
  } while (cursor);
  assert.deepEqual(seen, ["4.jpg", "3.jpg", "2.jpg", "1.jpg", "0.jpg"]);
  const first = (await api.server.inject({ url: "/v1/uploads?limit=2", headers: eve })).json();
  const wrong = await api.server.inject({ url: `/v1/files?cursor=${first.nextCursor}`, headers: eve });
  assert.equal(wrong.statusCode, 400);
  assert.equal(wrong.json().errors[0].pointer, "/query/cursor");
});

for (const [query, code] of [
  ["limit=0", "validation-failed"],
  ["limit=201", "validation-failed"],
  ["limit=ten", "validation-failed"],
  ["limit=1&limit=2", "validation-failed"],
  ["cursor=%00", "validation-failed"],
  ["cursor=abc", "validation-failed"],
  ["colour=red", "validation-failed"],
  ["state=lost", "validation-failed"],
  ["ids=a&state=ready", "unsupported-combination"],
] as const)
  test(`GET /v1/uploads?${query} is answered 400 ${code}`, async () => {
    const response = await api.server.inject({ url: `/v1/uploads?${query}`, headers: ann });
    assert.equal(response.statusCode, 400);
    assert.equal(response.json().code, code);
  });

test("a wrong method is answered 405 with the right ones, an unknown path 404", async () => {
  const wrong = await api.server.inject({ method: "PUT", url: "/v1/uploads/abc", headers: ann });
  assert.equal(wrong.statusCode, 405);
  assert.match(String(wrong.headers.allow), /DELETE, GET/);
  const unknown = await api.server.inject({ url: "/v2/uploads" });
  assert.equal(unknown.statusCode, 404);
  assert.equal(unknown.json().code, "not-found");
});

test("404 is decided before 428", async () => {
  const response = await api.server.inject({ method: "DELETE", url: "/v1/files/no-such", headers: ann });
  assert.equal(response.statusCode, 404);
});

test("pages of configured origins may read answers, others not", async () => {
  const preflight = (origin: string) =>
    api.server.inject({
      method: "OPTIONS",
      url: "/v1/uploads",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization",
      },
    });
  assert.equal(
    (await preflight("https://app.example")).headers["access-control-allow-origin"],
    "https://app.example",
  );
  assert.equal((await preflight("https://evil.example")).headers["access-control-allow-origin"], undefined);
  const answer = await api.server.inject({
    url: "/v1/me",
    headers: { ...ann, origin: "https://app.example" },
  });
  assert.match(String(answer.headers["access-control-expose-headers"]), /ETag/);
});

test("answers are not stored by caches and not read as something else", async () => {
  const { headers } = await api.server.inject({ url: "/v1/me", headers: ann });
  assert.equal(headers["cache-control"], "no-store");
  assert.equal(headers["x-content-type-options"], "nosniff");
});

test("files beyond the rate are refused with the time to wait", async () => {
  const limited = await createApiUnderTest({ limits: { createsPerMinute: 3 } });
  try {
    const headers = await limited.as("ann");
    const send = (count: number) =>
      limited.server.inject({
        method: "POST",
        url: "/v1/uploads",
        headers,
        payload: { files: Array.from({ length: count }, () => intentOf(bytes)) },
      });
    const first = await send(2);
    assert.equal(first.statusCode, 201);
    assert.equal(first.headers.ratelimit, '"creates";r=1;t=60, "requests";r=5999;t=60');
    assert.equal(first.headers["ratelimit-policy"], '"creates";q=3;w=60, "requests";q=6000;w=60');
    const second = await send(2);
    assert.equal(second.statusCode, 429);
    assert.equal(second.json().code, "rate-limited");
    assert.ok(Number(second.headers["retry-after"]) > 0);
    assert.equal((await send(1)).statusCode, 201, "what was refused has spent nothing");
  } finally {
    await limited.close();
  }
});

test("the OpenAPI document is 3.1 and has every route, each schema once", async () => {
  const document = (await api.server.inject({ url: "/openapi.json" })).json();
  assert.match(document.openapi, /^3\.1/);
  assert.ok(document.paths["/v1/uploads/{id}/complete"].post.responses.default);
  const names = Object.keys(document.components.schemas);
  assert.ok(names.includes("Upload"));
  assert.deepEqual(
    names.filter((name) => name.endsWith("Input") && names.includes(name.slice(0, -5))),
    [],
  );
});

test("the OpenAPI document says which requests want an ETag, and which answers have one", async () => {
  const { paths } = (await api.server.inject({ url: "/openapi.json" })).json();
  for (const [path, methods] of [
    ["/v1/files/{id}", ["patch", "delete"]],
    ["/v1/files/{id}/restore", ["post"]],
    ["/v1/files/{id}/versions/{version}", ["delete"]],
    ["/v1/files/{id}/versions/{version}/restore", ["post"]],
  ] as const)
    for (const method of methods) {
      const { parameters, responses } = paths[path][method];
      const header = parameters.find(({ in: where }: { in: string }) => where === "header");
      assert.deepEqual([header.name, header.required, header.schema], ["if-match", true, { type: "string" }]);
      assert.ok(responses["200"].headers.ETag, `${method} ${path}`);
    }
  assert.ok(paths["/v1/files/{id}"].get.responses["200"].headers.ETag);
});

test("a problem's type leads to a page that names it", async () => {
  const problem = (await api.server.inject({ url: "/v1/me" })).json();
  const [path, fragment] = problem.type.split("#");
  const page = await api.server.inject({ url: path });
  assert.equal(page.statusCode, 200);
  assert.ok(page.payload.includes(`id="${fragment}"`));
});

test("a query is taken as it must be written: whole numbers in digits, escapes that are whole and UTF-8", async () => {
  const list = (query: string) =>
    api.server.inject({ method: "GET", url: `/v1/files?${query}`, headers: ann });
  assert.equal((await list("limit=10&q=%C3%A9t%C3%A9%20a+b")).statusCode, 200);
  for (const limit of ["0x10", "1e1", "%205", "+5", "5.0", "-1", "", "5,5"]) {
    const refused = await list(`limit=${limit}`);
    assert.deepEqual([refused.statusCode, refused.json().errors?.[0]?.pointer], [400, "/query/limit"], limit);
  }
  for (const query of ["q=%ff", "q=%", "q=%4", "q=a%zz", "%ff=a", "metadata.a=%c3%28"]) {
    const refused = await list(query);
    assert.deepEqual([refused.statusCode, refused.json().code], [400, "validation-failed"], query);
    assert.match(refused.json().detail, /percent-encoding/, query);
  }
});
