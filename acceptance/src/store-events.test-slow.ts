import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { type Api, assertProblem, createApi } from "./harness/api-client.ts";
import { downloadOriginal } from "./harness/files.ts";
import { makePng } from "./harness/images.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { putRequestOf } from "./harness/transfer.ts";
import {
  completeUpload,
  createUpload,
  emptyPromise,
  getUpload,
  sendUpload,
  waitForEnd,
} from "./harness/upload.ts";

let server: Server;
let person: Person;
/** The API as the bucket sees it. */
let store: Api;

before(async () => {
  server = await startServer({ set: { "bucket.eventDelaySeconds": 1 } });
  person = await addPerson(server);
  const secrets = JSON.parse(readFileSync(join(server.dataDir, "secrets.json"), "utf8")) as {
    storeEventsSecret: string;
  };
  store = createApi(server.api, secrets.storeEventsSecret);
});
after(() => server.stop());

const recordOf = (key: string, bucket = "stowage") => ({
  eventVersion: "2.1",
  eventSource: "aws:s3",
  eventName: "ObjectCreated:Put",
  s3: { bucket: { name: bucket }, object: { key, size: 10 } },
});

/** The key that an upload's bytes are to land under. */
const landingKeyOf = (upload: Parameters<typeof putRequestOf>[0]): string =>
  new URL(putRequestOf(upload).url).pathname.split("/").slice(2).join("/");

test("bytes whose sender never says complete become a file within seconds", async () => {
  const picture = await makePng();
  const sent = await sendUpload(person.api, picture);
  const begunAtMs = Date.now();
  const ended = await waitForEnd(person.api, sent.id, { timeoutMs: 20_000 });
  assert.equal(ended.state, "ready");
  assert.ok(Date.now() - begunAtMs < 20_000);
  assert.deepEqual((await downloadOriginal(person.api, ended.fileId)).bytes, picture);
  const { events = [] } = await getUpload(person.api, sent.id);
  assert.deepEqual(
    events.map(({ type }) => type),
    ["created", "uploaded", "verifying", "ready"],
  );
});

test("an upload that its sender completed is completed once", async () => {
  const sent = await sendUpload(person.api, await makePng());
  await completeUpload(person.api, sent.id);
  const event = { Records: [recordOf(landingKeyOf(sent)), recordOf(landingKeyOf(sent))] };
  assert.equal((await store.post("/v1/store-events", event)).status, 204);
  assert.equal((await waitForEnd(person.api, sent.id)).state, "ready");
  const { events = [] } = await getUpload(person.api, sent.id);
  assert.equal(events.filter(({ type }) => type === "uploaded").length, 1);
});

test("an event is no proof: without bytes an upload stays pending", async () => {
  const upload = await createUpload(person.api, emptyPromise(1000));
  const told = await store.post("/v1/store-events", { Records: [recordOf(landingKeyOf(upload))] });
  assert.equal(told.status, 204);
  assert.equal((await getUpload(person.api, upload.id)).state, "pending");
});

test("nobody but the store is listened to, a signed-in person no more than anyone", async () => {
  const forged = createApi(server.api, randomBytes(30).toString("base64url"));
  for (const api of [createApi(server.api), forged, person.api, createApi(server.api, "x")])
    assertProblem(await api.post("/v1/store-events", { Records: [] }), 401, "unauthenticated");
  const token = store.token ?? "";
  for (const authorization of [
    token,
    `Basic ${token}`,
    `Bearer ${token} `.repeat(2),
    `Bearer ${token.slice(0, -1)}`,
  ])
    assertProblem(
      await createApi(server.api).send("POST", "/v1/store-events", {
        json: { Records: [] },
        headers: { authorization },
      }),
      401,
      "unauthenticated",
    );
  assertProblem(await store.get("/v1/me"), 401, "unauthenticated");
});

test("hostile messages are refused, or come to nothing, and the API lives on", async () => {
  const post = (raw: string | Uint8Array<ArrayBuffer>, headers = {}) =>
    store.send("POST", "/v1/store-events", { raw, headers });
  const many = (count: number, key: string) =>
    JSON.stringify({ Records: Array.from({ length: count }, () => recordOf(key)) });
  for (const [raw, status] of [
    ["", 400],
    ["{", 400],
    ["null", 400],
    ["[]", 400],
    ["{}", 400],
    ['{"Records":{}}', 400],
    ['{"Records":[1,"a",null]}', 400],
    ['{"Records":[{"__proto__":{"eventName":"x"}}]}', 400],
    [
      '{"Records":[{"eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"stowage"},"object":{"key":{}}}}]}',
      400,
    ],
    [`{"Records":${"[".repeat(50_000)}`, 400],
    [`{"Records":${"[".repeat(50_000)}${"]".repeat(50_000)}}`, 400],
    [many(1001, "uploads/a"), 400],
    [`{"Records":[],"a":"${"a".repeat(5_000_000)}"}`, 413],
    [many(1000, "uploads/none"), 204],
    [many(3, "../../etc/passwd"), 204],
    [many(3, "uploads/%00%ff%"), 204],
    [many(3, "uploads/' OR 1=1 --"), 204],
    [JSON.stringify({ Records: [recordOf("uploads/a", "another")] }), 204],
    ['{"Event":"s3:TestEvent","Service":"Amazon S3"}', 204],
  ] as const)
    assert.equal((await post(raw)).status, status, raw.slice(0, 120));
  assert.equal((await post(Uint8Array.from([0xff, 0xfe, 0x00]))).status, 400);
  for (const type of ["text/plain", "application/xml", "multipart/form-data; boundary=x"])
    assert.equal((await post("{}", { "content-type": type })).status, 415, type);
  for (const method of ["GET", "PUT", "DELETE"])
    assertProblem(await store.send(method, "/v1/store-events"), 405, "method-not-allowed");
  assert.equal((await createApi(server.api).get("/readyz")).status, 200);
});
