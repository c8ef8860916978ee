import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { StoreUnavailableError } from "@stowage/core";
import {
  type ApiUnderTest,
  createApiUnderTest,
  intentOf,
  sha256Of,
  storeBucket,
  storeSecret,
} from "../api.testing.ts";

const bytes = Buffer.from("bytes of a photograph");
const store = { authorization: `Bearer ${storeSecret}` };

let api: ApiUnderTest;
let ann: { authorization: string };
before(async () => {
  api = await createApiUnderTest();
  ann = await api.as("ann");
});
after(() => api.close());

const tell = (payload: object | string, headers: Record<string, string> = store) =>
  api.server.inject({
    method: "POST",
    url: "/v1/store-events",
    headers: { "content-type": "application/json", ...headers },
    payload,
  });

/** Announces a file whose bytes then come; answers its id and landing key. */
async function sendUnsaid(): Promise<{ id: string; key: string }> {
  const response = await api.server.inject({
    method: "POST",
    url: "/v1/uploads",
    headers: { "content-type": "application/json", ...ann },
    payload: { files: [intentOf(bytes)] },
  });
  const { id } = response.json().items[0].upload;
  const key = (await api.services.metadata.findUpload(id))?.landingKey ?? "";
  const put = { key, body: bytes, contentType: "image/jpeg", sha256: sha256Of(bytes) };
  await api.services.objects.put(put);
  return { id, key };
}

const stateOf = async (id: string) => (await api.services.metadata.findUpload(id))?.state;

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
const fromAws = (key: string) => ({
  Records: [
    {
      eventVersion: "2.1",
      eventSource: "aws:s3",
      awsRegion: "us-west-2",
      eventTime: "1970-01-01T00:00:00.000Z",
      eventName: "ObjectCreated:Put",
      userIdentity: { principalId: "AIDAJDPLRKLG7UEXAMPLE" },
      requestParameters: { sourceIPAddress: "172.16.0.1" },
      responseElements: { "x-amz-request-id": "C3D13FE58DE4C810", "x-amz-id-2": "FMyUVURIY8" },
      s3: {
        s3SchemaVersion: "1.0",
        configurationId: "testConfigRule",
        bucket: {
          name: storeBucket,
          ownerIdentity: { principalId: "A3NL1KOZZKExample" },
          arn: "arn:aws:s3:::amzn-s3-demo-bucket",
        },
        object: {
          key,
          size: 1024,
          eTag: "d41d8cd98f00b204e9800998ecf8427e",
          sequencer: "0055AED6DCD90281E5",
        },
      },
    },
  ],
});

/** As MinIO writes it: more members, the slash encoded, nulls. */
const fromMinio = (key: string) => ({
  EventName: "s3:ObjectCreated:Put",
  Key: `${storeBucket}/${key}`,
  Records: [
    {
      ...fromAws("").Records[0],
      eventName: "s3:ObjectCreated:Put",
      source: { host: "127.0.0.1", port: "", userAgent: "MinIO (linux; amd64)" },
      s3: {
        bucket: { name: storeBucket, ownerIdentity: null },
        object: { key: encodeURIComponent(key), size: 1, userMetadata: { "content-type": "image/jpeg" } },
      },
    },
  ],
});

/** As Ceph writes it: the key as it is, and members of its own. */
const fromCeph = (key: string) => ({
  Records: [
    {
      ...fromAws("").Records[0],
      eventSource: "ceph:s3",
      eventName: "ObjectCreated:Post",
      s3: {
        bucket: { name: storeBucket, id: "85e2d4a9.4127.1" },
        object: { key, size: 5, etag: "37b51d19", versionId: "", metadata: [], tags: [] },
      },
      eventId: "1575221657.102001.80dbc5b1",
      opaqueData: "",
    },
  ],
});

for (const [name, message] of [
  ["AWS", fromAws],
  ["MinIO", fromMinio],
  ["Ceph", fromCeph],
] as const)
  test(`an upload whose bytes came is completed by an event as ${name} writes it`, async () => {
    const { id, key } = await sendUnsaid();
    const response = await tell(message(key));
    assert.equal(response.statusCode, 204);
    assert.equal(response.body, "");
    assert.equal(await stateOf(id), "uploaded");
  });

test("a store's test event and a message without events are taken, and nothing comes of them", async () => {
  const { id } = await sendUnsaid();
  const testEvent = {
    Service: "Amazon S3",
    Event: "s3:TestEvent",
    Time: "2014-10-13T15:57:02.089Z",
    Bucket: "b",
  };
  for (const message of [testEvent, { Records: [] }]) assert.equal((await tell(message)).statusCode, 204);
  assert.equal(await stateOf(id), "pending");
});

test("nobody but the store is listened to", async () => {
  const { id, key } = await sendUnsaid();
  for (const headers of [
    {},
    { authorization: "" },
    { authorization: "Bearer" },
    { authorization: "Bearer wrong" },
    { authorization: `Bearer ${storeSecret}x` },
    { authorization: `Bearer ${storeSecret.slice(1)}` },
    { authorization: `Basic ${storeSecret}` },
    { authorization: storeSecret },
    ann,
  ] as Record<string, string>[]) {
    const response = await tell(fromAws(key), headers);
    assert.equal(response.statusCode, 401, JSON.stringify(headers));
    assert.equal(response.json().code, "unauthenticated");
    assert.match(String(response.headers["www-authenticate"]), /^Bearer/);
  }
  assert.equal(await stateOf(id), "pending");
});

const record = fromAws("uploads/x").Records[0];
for (const [what, payload, pointer] of [
  ["no records", {}, ""],
  ["another event without records", { Event: "s3:Other" }, ""],
  ["records that are no list", { Records: { 0: record } }, "/Records"],
  ["1001 records", { Records: Array.from({ length: 1001 }, () => record) }, "/Records"],
  ["a record that is null", { Records: [null] }, "/Records/0"],
  ["a record without s3", { Records: [{ eventName: "x" }] }, "/Records/0/s3"],
  [
    "a key that is a number",
    { Records: [{ ...record, s3: { bucket: { name: "b" }, object: { key: 1 } } }] },
    "/Records/0/s3/object/key",
  ],
  [
    "a key of 4 KB",
    { Records: [{ ...record, s3: { bucket: { name: "b" }, object: { key: "k".repeat(4096) } } }] },
    "/Records/0/s3/object/key",
  ],
  ["no event's name", { Records: [{ s3: record?.s3 }] }, "/Records/0/eventName"],
  ["a list", [record], ""],
] as const)
  test(`a message with ${what} is refused`, async () => {
    const response = await tell(payload as object);
    assert.equal(response.statusCode, 400);
    assert.equal(response.json().errors[0].pointer, pointer);
  });

test("what is no JSON, or more than a message can be, is refused", async () => {
  for (const [body, headers, status] of [
    ["{", {}, 400],
    ['{"Records":[],"__proto__":{}}', {}, 400],
    ["[".repeat(100_000), {}, 400],
    ["Records=1", { "content-type": "application/x-www-form-urlencoded" }, 415],
    [`{"Records":[],"x":"${"x".repeat(5_000_000)}"}`, {}, 413],
  ] as const)
    assert.equal((await tell(body, { ...store, ...headers })).statusCode, status, body.slice(0, 40));
});

test("where the store does not answer, the message is to be sent again", async (t) => {
  const { id, key } = await sendUnsaid();
  const outages = (["head", "list"] as const).map((call) =>
    t.mock.method(api.services.objects, call, () =>
      Promise.reject(new StoreUnavailableError("as a test wants")),
    ),
  );
  const response = await tell(fromAws(key));
  for (const outage of outages) outage.mock.restore();
  assert.equal(response.statusCode, 503);
  assert.match(String(response.headers["retry-after"]), /^[1-9]\d*$/);
  assert.equal(await stateOf(id), "pending");
  assert.equal((await tell(fromAws(key))).statusCode, 204);
  assert.equal(await stateOf(id), "uploaded");
});
