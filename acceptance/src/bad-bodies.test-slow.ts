import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { assertNames, assertProblem } from "./harness/api-client.ts";
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
