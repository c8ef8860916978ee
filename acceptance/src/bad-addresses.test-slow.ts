import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { assertNames, assertProblem, createApi } from "./harness/api-client.ts";
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
      ["GET", `/v1/files/${id}/versions`],
      ["POST", `/v1/files/${id}/versions/1/restore`],
      ["DELETE", `/v1/files/${id}/versions/1`],
      ["POST", `/v1/files/x/versions/${id}/restore`],
      ["DELETE", `/v1/files/x/versions/${id}`],
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
