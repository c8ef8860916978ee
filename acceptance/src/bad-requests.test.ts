import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { assertNames, assertProblem, createApi } from "./harness/api-client.ts";
import { getMe } from "./harness/files.ts";
import { sendRaw } from "./harness/raw-http.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { emptyPromise } from "./harness/upload.ts";
import type { CreateAnswer, Problem } from "./harness/wire.ts";

let server: Server;
let person: Person;

before(async () => {
  server = await startServer();
  person = await addPerson(server);
});
after(() => server.stop());

const good = () => emptyPromise(100, { name: "a.png" });

/** A create's body of one file in which the text of one member is replaced. */
function bodyWith(member: string, text: string): string {
  const members = new Map(
    Object.entries(good()).map(([name, value]) => [name, JSON.stringify(value)] as const),
  );
  members.set(member, text);
  return `{"files":[{${[...members].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(",")}}]}`;
}

const postRaw = (raw: string | Uint8Array<ArrayBuffer>, headers?: Readonly<Record<string, string>>) =>
  person.api.send<CreateAnswer>("POST", "/v1/uploads", { raw, ...(headers ? { headers } : {}) });

for (const [what, raw] of [
  ["an empty body", ""],
  ["white space", " \n"],
  ["half an object", '{"files":['],
  ["a trailing comma", '{"files":[],}'],
  ["NaN", '{"files":[{"sizeBytes":NaN}]}'],
  ["Infinity", '{"files":[{"sizeBytes":-Infinity}]}'],
  ["a leading zero", '{"files":[{"sizeBytes":010}]}'],
  ["a hexadecimal number", '{"files":[{"sizeBytes":0x10}]}'],
  ["single quotes", "{'files':[]}"],
  ["a control character in a string", '{"files":[{"name":"a\u0001b"}]}'],
  ["two values", "{}{}"],
  ["a form", "files=1"],
] as const)
  test(`${what} in place of JSON is refused`, async () => {
    assertProblem(await postRaw(raw), 400);
  });

for (const raw of [
  "null",
  "true",
  "0",
  '"files"',
  "[]",
  "{}",
  '{"files":null}',
  '{"files":{}}',
  '{"files":"a"}',
])
  test(`a create whose body is ${raw} is refused`, async () => {
    assertProblem(await postRaw(raw), 400, "validation-failed");
  });

test("bytes that are not UTF-8 are refused", async () => {
  const raw = Buffer.from(bodyWith("name", '"a\u00ff.png"'), "latin1");
  assertProblem(await postRaw(Uint8Array.from(raw)), 400);
});

test("a body of another type than JSON is refused as such", async () => {
  for (const contentType of [
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/xml",
    "multipart/form-data",
  ])
    assertProblem(await postRaw(JSON.stringify({ files: [good()] }), { "content-type": contentType }), 415);
  const accepted = await postRaw(JSON.stringify({ files: [good()] }), {
    "content-type": "application/json; charset=utf-8",
  });
  assert.equal(accepted.status, 201, accepted.text);
});

test("a body without a content type is refused", async () => {
  const body = Buffer.from(JSON.stringify({ files: [good()] }));
  const answer = await sendRaw(server.api, {
    method: "POST",
    target: "/v1/uploads",
    headers: [
      ["Authorization", `Bearer ${person.token}`],
      ["Content-Length", String(body.length)],
    ],
    body: [body],
  });
  assert.ok(answer?.status === 415 || answer?.status === 400, `${answer?.status}`);
});

test("a body nested a hundred thousand deep is refused, not fallen over", async () => {
  for (const raw of [
    "[".repeat(100_000) + "]".repeat(100_000),
    `{"files":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
    `${'{"files":'.repeat(20_000)}1${"}".repeat(20_000)}`,
    bodyWith("metadata", `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`),
  ])
    assertProblem(await postRaw(raw), 400);
});

for (const [what, member, text] of [
  ["a string for a size", "sizeBytes", '"100"'],
  ["null for a size", "sizeBytes", "null"],
  ["true for a size", "sizeBytes", "true"],
  ["an array for a size", "sizeBytes", "[100]"],
  ["a negative size", "sizeBytes", "-1"],
  ["a fractional size", "sizeBytes", "1.5"],
  ["a size beyond any number", "sizeBytes", "1e400"],
  ["a size that no double holds exactly", "sizeBytes", "9007199254740993"],
  ["a size of 1e300", "sizeBytes", "1e300"],
  ["a number for a name", "name", "1"],
  ["an object for a name", "name", '{"toString":"x"}'],
  ["null for a name", "name", "null"],
  ["an empty name", "name", '""'],
  ["a name with NUL", "name", '"a\\u0000b.png"'],
  ["a name with half a surrogate pair", "name", '"a\\ud83d.png"'],
  ["a name with the other half", "name", '"\\ude00a.png"'],
  ["a name of 4,097 bytes", "name", JSON.stringify("é".repeat(2048).concat("a"))],
  ["an empty type", "contentType", '""'],
  ["a type without a slash", "contentType", '"image"'],
  ["a type with a line break", "contentType", '"image/png\\r\\nx-a: b"'],
  ["a type with parameters", "contentType", '"image/png; charset=x"'],
  ["null for a type", "contentType", "null"],
  ["a short digest", "sha256", '"abc"'],
  ["an upper-case digest", "sha256", JSON.stringify("A".repeat(64))],
  ["a digest that is no hexadecimal", "sha256", JSON.stringify("g".repeat(64))],
  ["a digest with a line break", "sha256", JSON.stringify(`${"a".repeat(64)}\n`)],
  ["an empty ref", "ref", '""'],
  ["a ref of 129 characters", "ref", JSON.stringify("r".repeat(129))],
  ["a ref with NUL", "ref", '"a\\u0000"'],
  ["a ref with half a surrogate pair", "ref", '"\\ud800"'],
  ["a number for a ref", "ref", "1"],
  ["metadata that is an array", "metadata", "[]"],
  ["metadata that is a string", "metadata", '"a=b"'],
  ["a profile that is an object", "profile", "{}"],
  ["a visibility that is none", "visibility", '"everyone"'],
] as const)
  test(`${what} is refused and named`, async () => {
    assertNames(await postRaw(bodyWith(member, text)), `/files/0/${member}`);
  });

for (const member of ["name", "sizeBytes", "contentType"])
  test(`a file without ${member} is refused and the member named`, async () => {
    const { [member as "name"]: _missing, ...rest } = good();
    assertNames(await person.api.post("/v1/uploads", { files: [good(), rest] }), `/files/1/${member}`);
  });

for (const [member, text] of [
  ["ownerId", '"someone"'],
  ["state", '"ready"'],
  ["id", '"x"'],
  ["fileId", '"x"'],
  ["key", '"files/x"'],
  ["constructor", '"x"'],
  ["__proto__", '{"sizeBytes":1}'],
  ["prototype", "{}"],
  ["toString", '"x"'],
  ["a/b~c", "1"],
] as const)
  test(`the unknown member ${member} is refused by name`, async () => {
    const pointer = `/files/0/${member.replaceAll("~", "~0").replaceAll("/", "~1")}`;
    assertNames(await postRaw(bodyWith(member, text)), pointer);
  });

test("an unknown member beside files is refused by name", async () => {
  for (const member of ["owner", "__proto__", "constructor"]) {
    const raw = `{"files":[${JSON.stringify(good())}],${JSON.stringify(member)}:{"a":1}}`;
    assertNames(await postRaw(raw), `/${member}`);
  }
});

test("one malformed item fails the request, and nothing of it is made", async () => {
  const { reservedBytes, openUploads } = await getMe(person.api);
  const files = [...Array.from({ length: 99 }, good), { ...good(), sizeBytes: -1 }];
  assertNames(await person.api.post("/v1/uploads", { files }), "/files/99/sizeBytes");
  const now = await getMe(person.api);
  assert.deepEqual([now.reservedBytes, now.openUploads], [reservedBytes, openUploads]);
});

test("every bad member of a request is named at once", async () => {
  const { body } = await person.api.post<Problem>("/v1/uploads", {
    files: [{ ...good(), sizeBytes: -1, name: "" }, good(), { ...good(), extra: 1 }],
  });
  const pointers = (body.errors ?? []).map(({ pointer }) => pointer).sort();
  assert.deepEqual(pointers, ["/files/0/name", "/files/0/sizeBytes", "/files/2/extra"]);
});

test("minus zero and an exponent are numbers like others", async () => {
  const zero = await postRaw(bodyWith("sizeBytes", "-0"));
  assert.ok(zero.status === 400 || zero.status === 201, zero.text);
  assert.doesNotMatch(zero.text, /"sizeBytes":-0/);
  const exponent = await postRaw(bodyWith("sizeBytes", "1.0e2"));
  assert.equal(exponent.status, 201, exponent.text);
  assert.equal(exponent.body.items[0]?.upload?.sizeBytes, 100);
});

test("metadata named like members of every object are kept as they are", async () => {
  const metadata = { constructor: "a", toString: "b", hasOwnProperty: "c", valueOf: "", prototype: "e" };
  const answer = await person.api.post<CreateAnswer>("/v1/uploads", { files: [{ ...good(), metadata }] });
  assert.equal(answer.status, 201, answer.text);
  assert.deepEqual({ ...answer.body.items[0]?.upload?.metadata }, metadata);
});

test("a metadata pair called __proto__ is kept or refused by name, never lost", async () => {
  const answer = await postRaw(bodyWith("metadata", '{"__proto__":"x"}'));
  if (answer.status === 201) assert.match(answer.text, /"__proto__":"x"/);
  else assertProblem(answer, 400, "validation-failed");
});

test("metadata beyond their bounds are refused and named", async () => {
  const pairs = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, "v"]));
  for (const [metadata, pointer] of [
    [{ a: 1 }, "/files/0/metadata/a"],
    [{ a: null }, "/files/0/metadata/a"],
    [{ a: { b: "c" } }, "/files/0/metadata/a"],
    [{ a: "x\u0000" }, "/files/0/metadata/a"],
    [{ a: "x".repeat(1025) }, "/files/0/metadata/a"],
    [pairs(17), "/files/0/metadata"],
  ] as const)
    assertNames(await person.api.post("/v1/uploads", { files: [{ ...good(), metadata }] }), pointer);
  const most = await person.api.post("/v1/uploads", { files: [{ ...good(), metadata: pairs(16) }] });
  assert.equal(most.status, 201, most.text);
});

test("no file, and 101 files, are refused; 100 with the largest names and metadata fit", async () => {
  assertNames(await person.api.post("/v1/uploads", { files: [] }), "/files");
  assertNames(await person.api.post("/v1/uploads", { files: Array.from({ length: 101 }, good) }), "/files");
  const metadata = Object.fromEntries(
    Array.from({ length: 16 }, (_, n) => [`key-${n}`.padEnd(64, "k"), "v".repeat(1024)]),
  );
  const files = Array.from({ length: 100 }, () => ({
    ...good(),
    name: "n".repeat(4096),
    ref: randomUUID().padEnd(128, "r"),
    metadata,
  }));
  const answer = await person.api.post<CreateAnswer>("/v1/uploads", { files });
  assert.equal(answer.status, 201, answer.text.slice(0, 500));
  assert.ok(answer.body.items.every(({ upload }) => upload?.state === "pending"));
});

test("a body over the limit is 413, its length told or not", async () => {
  const chunk = Buffer.alloc(64 * 1024, " ");
  const body = Array.from({ length: 640 }, () => chunk);
  const authorization = ["Authorization", `Bearer ${person.token}`] as const;
  const json = ["Content-Type", "application/json"] as const;
  const told = await sendRaw(server.api, {
    method: "POST",
    target: "/v1/uploads",
    headers: [authorization, json, ["Content-Length", String(640 * chunk.length)]],
    body,
  });
  assert.equal(told?.status, 413);
  assert.match(told.headers.get("content-type") ?? "", /^application\/problem\+json/);
  assert.equal((JSON.parse(told.body.toString("utf8")) as Problem).code, "body-too-large");
  const size = Buffer.from(`${chunk.length.toString(16)}\r\n`);
  const untold = await sendRaw(server.api, {
    method: "POST",
    target: "/v1/uploads",
    headers: [authorization, json, ["Transfer-Encoding", "chunked"]],
    body: body.flatMap((part) => [size, part, Buffer.from("\r\n")]),
  });
  // A server that hangs up on an endless body may reset the connection before its answer is read.
  assert.ok(untold === undefined || untold.status === 413, `${untold?.status}`);
  assert.equal((await getMe(person.api)).reservedBytes >= 0, true, "the server lives on");
});

for (const [path, pointer] of [
  ["/v1/files?limit=0", "/query/limit"],
  ["/v1/files?limit=201", "/query/limit"],
  ["/v1/files?limit=-1", "/query/limit"],
  ["/v1/files?limit=1.5", "/query/limit"],
  ["/v1/files?limit=abc", "/query/limit"],
  ["/v1/files?limit=", "/query/limit"],
  ["/v1/files?limit=1e400", "/query/limit"],
  ["/v1/files?limit=NaN", "/query/limit"],
  ["/v1/files?limit=5&limit=6", "/query/limit"],
  ["/v1/files?limit[]=5", "/query/limit[]"],
  ["/v1/files?cursor=!!!", "/query/cursor"],
  ["/v1/files?cursor=AAAA", "/query/cursor"],
  [`/v1/files?cursor=${"A".repeat(600)}`, "/query/cursor"],
  ["/v1/files?cursor=a&cursor=b", "/query/cursor"],
  ["/v1/files?scope=everything", "/query/scope"],
  ["/v1/files?sort=size", "/query/sort"],
  ["/v1/files?unknown=1", "/query/unknown"],
  ["/v1/files?__proto__=1", "/query/__proto__"],
  ["/v1/uploads?state=gone", "/query/state"],
  ["/v1/uploads?state=ready&state=pending", "/query/state"],
  ["/v1/uploads?limit=0", "/query/limit"],
  ["/v1/uploads?cursor=%00", "/query/cursor"],
  [`/v1/uploads?ids=${Array.from({ length: 201 }, (_, n) => n).join(",")}`, "/query/ids"],
] as const)
  test(`GET ${path.slice(0, 60)} is refused and the parameter named`, async () => {
    const answer = await person.api.get<Problem>(path);
    assertProblem(answer, 400, /^(validation-failed|unsupported-combination)$/);
    assert.ok(
      answer.body.errors?.some((error) => error.pointer === pointer),
      answer.text,
    );
  });

test("a cursor of one list, or with a byte changed, is refused by another or answers a page", async () => {
  for (let n = 0; n < 3; n += 1) await person.api.post("/v1/uploads", { files: [good()] });
  const { body } = await person.api.get<{ nextCursor: string }>("/v1/uploads?limit=1");
  const cursor = body.nextCursor;
  assert.equal(typeof cursor, "string");
  const changed = `${cursor.slice(0, -2)}${cursor.endsWith("AA") ? "BB" : "AA"}`;
  for (const path of [`/v1/files?cursor=${cursor}`, `/v1/uploads?cursor=${changed}`]) {
    const answer = await person.api.get(path);
    assert.ok(answer.status === 200 || answer.status === 400, answer.text);
  }
});

const ids = [
  "x",
  "%00",
  "%2e%2e",
  "..%2f..%2fetc",
  "%F0%9F%99%82",
  "__proto__",
  "constructor",
  "'%20or%201=1--",
];
for (const id of [...ids, "a".repeat(64), "0".repeat(36), "a".repeat(5000)])
  test(`the id ${id.slice(0, 40)} finds nothing and harms nothing`, async () => {
    for (const [method, path] of [
      ["GET", `/v1/uploads/${id}`],
      ["DELETE", `/v1/uploads/${id}`],
      ["POST", `/v1/uploads/${id}/complete`],
      ["POST", `/v1/uploads/${id}/urls`],
      ["GET", `/v1/files/${id}`],
      ["DELETE", `/v1/files/${id}`],
      ["POST", `/v1/files/${id}/restore`],
      ["GET", `/v1/files/${id}/content`],
    ] as const) {
      const answer = await person.api.send(method, path, path.endsWith("/urls") ? { json: {} } : {});
      assert.ok([400, 404, 414].includes(answer.status), `${method} ${path.slice(0, 60)}: ${answer.status}`);
    }
  });

test("a path that is not percent-encoded UTF-8 is refused", async () => {
  for (const path of ["/v1/uploads/%zz", "/v1/uploads/%", "/v1/files/%ff%fe", "/v1/files/%c0%ae"]) {
    const answer = await person.api.get(path);
    assert.ok(answer.status === 400 || answer.status === 404, `${path}: ${answer.status}`);
  }
});

test("dot segments lead nowhere", async () => {
  for (const target of [
    "/v1/uploads/../me",
    "/v1/uploads/%2e%2e/me",
    "/v1/files/./../../etc/passwd",
    "//v1/me",
    "/v1//me",
  ]) {
    const authorization = ["Authorization", `Bearer ${person.token}`] as const;
    const answer = await sendRaw(server.api, { method: "GET", target, headers: [authorization] });
    assert.ok(answer?.status === 400 || answer?.status === 404, `${target}: ${answer?.status}`);
  }
});

test("a path that does not exist is 404, signed in or not", async () => {
  for (const path of [
    "/v1",
    "/v1/",
    "/v1/nothing",
    "/v2/uploads",
    "/v1/uploads/a/b/c",
    "/v1/files/a/nothing",
  ]) {
    assertProblem(await person.api.get(path), 404, "not-found");
    const anonymous = await createApi(server.api).get(path);
    assert.ok(anonymous.status === 404 || anonymous.status === 401, `${path}: ${anonymous.status}`);
  }
});

for (const [method, path] of [
  ["PUT", "/v1/uploads"],
  ["PATCH", "/v1/uploads"],
  ["DELETE", "/v1/uploads"],
  ["POST", "/v1/files"],
  ["DELETE", "/v1/files"],
  ["PUT", "/v1/uploads/some-id"],
  ["GET", "/v1/uploads/some-id/complete"],
  ["GET", "/v1/uploads/some-id/urls"],
  ["POST", "/v1/files/some-id/content"],
  ["PUT", "/v1/files/some-id"],
  ["GET", "/v1/files/some-id/restore"],
  ["GET", "/v1/downloads"],
  ["POST", "/v1/me"],
] as const)
  test(`${method} ${path} is 405 and Allow says what may be sent`, async () => {
    const answer = await person.api.send(
      method,
      path,
      method === "GET" || method === "DELETE" ? {} : { json: {} },
    );
    assertProblem(answer, 405, "method-not-allowed");
    const allow = answer.headers.get("allow") ?? "";
    assert.match(allow, /^[A-Z]+(, ?[A-Z]+)*$/);
    assert.ok(!allow.split(/, ?/).includes(method), allow);
  });

test("bodies where none is expected, and of a wrong shape where one is, are refused", async () => {
  const { api } = person;
  assertNames(await api.post("/v1/downloads", { files: [{ id: "a", width: 1 }] }), "/files/0/width");
  assertNames(await api.post("/v1/downloads", { files: [{ id: 1 }] }), "/files/0/id");
  assertNames(await api.post("/v1/downloads", { files: [{ id: "a", version: 0 }] }), "/files/0/version");
  assertNames(
    await api.post("/v1/downloads", { files: [{ id: "a", derivative: "../x" }] }),
    "/files/0/derivative",
  );
  assertNames(await api.post("/v1/downloads", { files: [] }), "/files");
  const many = Array.from({ length: 201 }, () => ({ id: "a" }));
  assertNames(await api.post("/v1/downloads", { files: many }), "/files");
  assertNames(await api.post("/v1/uploads/complete", { ids: [] }), "/ids");
  assertNames(await api.post("/v1/uploads/complete", { ids: ["a", null] }), "/ids/1");
  assertNames(await api.post("/v1/uploads/complete", {}), "/ids");
  const { body } = await api.post<CreateAnswer>("/v1/uploads", { files: [good()] });
  const id = body.items[0]?.upload?.id ?? "";
  assertNames(await api.post(`/v1/uploads/${id}/urls`, { forever: true }), "/forever");
});

test("an If-Match that is no entity tag changes nothing", async () => {
  for (const tag of ["garbage", '"', '"x" "y"', "W/", ""]) {
    const answer = await person.api.delete("/v1/files/some-id", { "if-match": tag });
    assertProblem(answer, 404, "not-found");
  }
});

test("no header of the client's turns up in a URL that is answered", async () => {
  const body = Buffer.from(JSON.stringify({ files: [good()] }));
  const forged: readonly (readonly [string, string])[] = [
    ["Host", "evil.example"],
    ["X-Forwarded-Host", "evil.example"],
    ["X-Forwarded-Proto", "https"],
    ["X-Forwarded-For", "evil.example"],
    ["Forwarded", "host=evil.example;proto=https"],
    ["X-Original-URL", "/evil.example"],
  ];
  const created = await sendRaw(server.api, {
    method: "POST",
    target: "/v1/uploads",
    headers: [
      ...forged,
      ["Authorization", `Bearer ${person.token}`],
      ["Content-Type", "application/json"],
      ["Content-Length", String(body.length)],
    ],
    body: [body],
  });
  assert.ok(created && created.status < 500);
  assert.ok(!created.body.includes("evil.example"), created.body.toString("utf8"));
  for (const target of ["/oidc/.well-known/openid-configuration", "/openapi.json", "/", "/v1/nothing"]) {
    const answer = await sendRaw(server.api, { method: "GET", target, headers: forged });
    assert.ok(answer && !answer.body.includes("evil.example"), target);
    assert.ok(![...answer.headers.values()].some((value) => value.includes("evil.example")), target);
  }
});

test("TRACE and CONNECT are refused", async () => {
  for (const method of ["TRACE", "CONNECT", "TRACK", "PROPFIND"]) {
    const answer = await sendRaw(server.api, {
      method,
      target: "/v1/me",
      headers: [["Authorization", `Bearer ${person.token}`]],
    });
    const status = answer?.status ?? 400;
    assert.ok(status >= 400 && status <= 501 && status !== 500, `${method}: ${status}`);
    assert.ok(!answer?.body.includes(person.token), method);
  }
});

test("requests that are not HTTP are turned away and the next one is answered", async () => {
  for (const [method, target, headers] of [
    ["GE T", "/v1/me", []],
    ["GET", "/v1/me\u0001", []],
    ["GET", "/v1/me", [["X A", "b"]]],
    ["GET", "/v1/me", [["X-Long", "a".repeat(200_000)]]],
    ["POST", "/v1/uploads", [["Content-Length", "-5"]]],
    [
      "POST",
      "/v1/uploads",
      [
        ["Content-Length", "5"],
        ["Transfer-Encoding", "chunked"],
      ],
    ],
    [
      "POST",
      "/v1/uploads",
      [
        ["Content-Length", "5"],
        ["Content-Length", "6"],
      ],
    ],
  ] as const) {
    const answer = await sendRaw(server.api, { method, target, headers, halfClose: true });
    const status = answer?.status ?? 400;
    assert.ok(
      status >= 400 && status < 500,
      `${method} ${target} ${JSON.stringify(headers).slice(0, 80)}: ${status}`,
    );
  }
  assert.equal((await person.api.get("/v1/me")).status, 200);
});
