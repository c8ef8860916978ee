import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { assertProblem } from "./harness/api-client.ts";
import { downloadOriginal, mintDownload } from "./harness/files.ts";
import { makePng } from "./harness/images.ts";
import { type RawAnswer, type RawRequest, sendRaw } from "./harness/raw-http.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { fetchBytes, putRequestOf, sendBytes, sha256Of } from "./harness/transfer.ts";
import {
  completeUpload,
  createUpload,
  intentOf,
  sendUpload,
  uploadToEnd,
  waitForEnd,
} from "./harness/upload.ts";
import type { PresignedRequest } from "./harness/wire.ts";

let server: Server;
let person: Person;

before(async () => {
  server = await startServer();
  person = await addPerson(server);
});
after(() => server.stop());

const base64Sha256 = (bytes: Uint8Array): string => Buffer.from(sha256Of(bytes), "hex").toString("base64");

/** Sends what was presigned, bent by `bend`, over a socket of its own. */
function send(
  request: PresignedRequest,
  bytes: Uint8Array,
  bend: (honest: RawRequest & { readonly headers: readonly (readonly [string, string])[] }) => RawRequest,
): Promise<RawAnswer | undefined> {
  const url = new URL(request.url);
  return sendRaw(
    url.origin,
    bend({
      method: request.method,
      target: `${url.pathname}${url.search}`,
      headers: [...Object.entries(request.headers), ["Content-Length", String(bytes.length)]],
      body: [bytes],
    }),
  );
}

type Honest = RawRequest & { readonly headers: readonly (readonly [string, string])[] };

const withHeader = (honest: Honest, name: string, value: string): RawRequest => ({
  ...honest,
  headers: [...honest.headers.filter(([given]) => given.toLowerCase() !== name.toLowerCase()), [name, value]],
});
const withoutHeader = (honest: Honest, name: string): RawRequest => ({
  ...honest,
  headers: honest.headers.filter(([given]) => given.toLowerCase() !== name.toLowerCase()),
});
const withTarget = (honest: RawRequest, change: (target: string) => string): RawRequest => ({
  ...honest,
  target: change(honest.target),
});
const withParameter = (honest: RawRequest, change: (parameters: URLSearchParams) => void): RawRequest =>
  withTarget(honest, (target) => {
    const url = new URL(target, "http://bucket.test");
    change(url.searchParams);
    return `${url.pathname}${url.search}`;
  });
const withBody = (honest: Honest, bytes: Uint8Array): RawRequest => ({
  ...withHeader(honest, "Content-Length", String(bytes.length)),
  body: [bytes],
});

interface Attack {
  readonly what: string;
  readonly bend: (honest: Honest, bytes: Buffer) => RawRequest;
  /** Statuses that refuse it. Default 403. */
  readonly refusedWith?: readonly number[];
  /** The server may hang up without an answer. Default false. */
  readonly mayHangUp?: boolean;
}

const signatureParameters = [
  "X-Amz-Algorithm",
  "X-Amz-Credential",
  "X-Amz-Date",
  "X-Amz-Expires",
  "X-Amz-SignedHeaders",
  "X-Amz-Signature",
];

const attacks: readonly Attack[] = [
  {
    what: "one byte more",
    bend: (honest, bytes) => withBody(honest, Buffer.concat([bytes, Buffer.from("x")])),
  },
  { what: "one byte fewer", bend: (honest, bytes) => withBody(honest, bytes.subarray(0, -1)) },
  { what: "no bytes", bend: (honest) => withBody(honest, Buffer.alloc(0)) },
  {
    what: "other bytes of the same length",
    bend: (honest, bytes) => withBody(honest, randomBytes(bytes.length)),
    refusedWith: [400, 403],
  },
  {
    what: "other bytes with their own digest in the header",
    bend: (honest, bytes) => {
      const other = randomBytes(bytes.length);
      return { ...withHeader(honest, "x-amz-checksum-sha256", base64Sha256(other)), body: [other] };
    },
  },
  { what: "no digest", bend: (honest) => withoutHeader(honest, "x-amz-checksum-sha256") },
  { what: "another content type", bend: (honest) => withHeader(honest, "content-type", "text/html") },
  { what: "no content type", bend: (honest) => withoutHeader(honest, "content-type") },
  { what: "no If-None-Match", bend: (honest) => withoutHeader(honest, "if-none-match") },
  { what: "another If-None-Match", bend: (honest) => withHeader(honest, "if-none-match", '"abc"') },
  {
    what: "two content types",
    bend: (honest) => ({ ...honest, headers: [...honest.headers, ["content-type", "text/html"]] }),
    refusedWith: [400, 403],
  },
  {
    what: "chunked encoding",
    bend: (honest, bytes) => ({
      ...withoutHeader(withHeader(honest, "Transfer-Encoding", "chunked") as Honest, "Content-Length"),
      body: [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n0\r\n\r\n")],
    }),
    refusedWith: [403, 411, 400],
  },
  {
    what: "chunked encoding beside a length",
    bend: (honest, bytes) => ({
      ...withHeader(honest, "Transfer-Encoding", "chunked"),
      body: [Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from("\r\n0\r\n\r\n")],
    }),
    refusedWith: [403, 411, 400],
  },
  {
    what: "no length",
    bend: (honest) => ({ ...withoutHeader(honest, "Content-Length"), body: [] }),
    refusedWith: [403, 411, 400],
  },
  {
    what: "two lengths",
    bend: (honest) => ({ ...honest, headers: [...honest.headers, ["Content-Length", "1"]] }),
    refusedWith: [400, 403],
  },
  {
    what: "a body that breaks off",
    bend: (honest, bytes) => ({ ...honest, body: [bytes.subarray(0, 100)], halfClose: true }),
    refusedWith: [400, 408],
    mayHangUp: true,
  },
  ...["GET", "HEAD", "DELETE", "POST"].map((method) => ({
    what: `${method} in place of PUT`,
    bend: (honest: Honest) => ({
      ...honest,
      method,
      ...(method === "POST" ? {} : { body: [], headers: [] }),
    }),
    refusedWith: [403, 405],
  })),
  {
    what: "OPTIONS of no origin",
    bend: (honest) => ({ ...honest, method: "OPTIONS", body: [], headers: [] }),
    refusedWith: [400, 403, 405],
  },
  {
    what: "another key",
    bend: (honest) =>
      withTarget(honest, (target) => target.replace(/(.)\?/, (_, last) => `${last === "a" ? "b" : "a"}?`)),
  },
  {
    what: "a key below it",
    bend: (honest) => withTarget(honest, (target) => target.replace("?", "/x?")),
  },
  {
    what: "a key with dot segments",
    bend: (honest) => withTarget(honest, (target) => target.replace(/\/uploads\//, "/files/../uploads/")),
    refusedWith: [403, 400],
  },
  {
    what: "a key with a percent-encoded letter",
    bend: (honest) => withTarget(honest, (target) => target.replace("/uploads/", "/%75ploads/")),
    refusedWith: [403, 400, 200],
  },
  {
    what: "a doubled slash",
    bend: (honest) => withTarget(honest, (target) => target.replace("/uploads/", "//uploads/")),
    refusedWith: [403, 400, 404],
  },
  ...[
    "x=1",
    "acl",
    "tagging",
    "uploads",
    "partNumber=1&uploadId=x",
    "versionId=x",
    "X-Amz-Security-Token=x",
  ].map((parameter) => ({
    what: `the added parameter ${parameter}`,
    bend: (honest: Honest) => withTarget(honest, (target) => `${target}&${parameter}`),
    refusedWith: [403, 400],
  })),
  ...signatureParameters.map((name) => ({
    what: `${name} left out`,
    bend: (honest: Honest) => withParameter(honest, (parameters) => parameters.delete(name)),
    refusedWith: [403, 400],
  })),
  ...signatureParameters.map((name) => ({
    what: `${name} given twice`,
    bend: (honest: Honest) =>
      withParameter(honest, (parameters) => parameters.append(name, parameters.get(name) ?? "")),
    refusedWith: [403, 400],
  })),
  {
    what: "a longer life",
    bend: (honest) => withParameter(honest, (parameters) => parameters.set("X-Amz-Expires", "3000")),
  },
  {
    what: "a life of a week",
    bend: (honest) => withParameter(honest, (parameters) => parameters.set("X-Amz-Expires", "604800")),
    refusedWith: [403, 400],
  },
  {
    what: "an endless life",
    bend: (honest) => withParameter(honest, (parameters) => parameters.set("X-Amz-Expires", "99999999999")),
    refusedWith: [403, 400],
  },
  {
    what: "another date",
    bend: (honest) => withParameter(honest, (parameters) => parameters.set("X-Amz-Date", "20991231T235959Z")),
    refusedWith: [403, 400],
  },
  {
    what: "fewer signed headers",
    bend: (honest) => withParameter(honest, (parameters) => parameters.set("X-Amz-SignedHeaders", "host")),
    refusedWith: [403, 400],
  },
  {
    what: "another access key",
    bend: (honest) =>
      withParameter(honest, (parameters) =>
        parameters.set(
          "X-Amz-Credential",
          (parameters.get("X-Amz-Credential") ?? "").replace(/^[^/]+/, "AKIAIOSFODNN7EXAMPLE"),
        ),
      ),
  },
  {
    what: "another algorithm",
    bend: (honest) =>
      withParameter(honest, (parameters) => parameters.set("X-Amz-Algorithm", "AWS4-HMAC-SHA1")),
    refusedWith: [403, 400],
  },
  {
    what: "a signature of zeros",
    bend: (honest) =>
      withParameter(honest, (parameters) => parameters.set("X-Amz-Signature", "0".repeat(64))),
  },
  {
    what: "an empty signature",
    bend: (honest) => withParameter(honest, (parameters) => parameters.set("X-Amz-Signature", "")),
    refusedWith: [403, 400],
  },
  {
    what: "no signature at all",
    bend: (honest) => withTarget(honest, (target) => target.replace(/\?.*/, "")),
  },
  {
    what: "a second signature in a header",
    bend: (honest) =>
      withHeader(
        honest,
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=a/20200101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00",
      ),
    refusedWith: [403, 400],
  },
  { what: "another host", bend: (honest) => withHeader(honest, "Host", "bucket.example.test") },
  {
    what: "two hosts",
    bend: (honest) => ({ ...honest, headers: [...honest.headers, ["Host", "a.test"], ["Host", "b.test"]] }),
    refusedWith: [403, 400],
  },
  ...[
    ["x-amz-acl", "public-read"],
    ["x-amz-meta-owner", "me"],
    ["x-amz-tagging", "a=b"],
    ["x-amz-storage-class", "GLACIER"],
    ["x-amz-website-redirect-location", "https://example.test/"],
    ["x-amz-copy-source", "/stowage/files/x"],
    ["x-amz-content-sha256", "UNSIGNED-PAYLOAD"],
    ["x-amz-checksum-crc32", "AAAAAA=="],
    ["X-Amz-Grant-Read", 'uri="http://acs.amazonaws.com/groups/global/AllUsers"'],
  ].map(([name = "", value = ""]) => ({
    what: `the unsigned header ${name}`,
    bend: (honest: Honest) => withHeader(honest, name, value),
    refusedWith: [403, 400],
  })),
];

for (const { what, bend, refusedWith = [403], mayHangUp = false } of attacks)
  test(`a presigned PUT with ${what} stores nothing and spoils nothing`, async () => {
    const picture = await makePng();
    const upload = await createUpload(person.api, intentOf(picture));
    const request = putRequestOf(upload);
    const answer = await send(request, picture, (honest) => bend(honest, picture));
    if (answer === undefined) assert.ok(mayHangUp, "hung up without an answer");
    else {
      assert.ok(
        refusedWith.includes(answer.status),
        `answered ${answer.status}: ${answer.body.toString("utf8")}`,
      );
      // The same object under another spelling of its path is the same object: then it is stored as promised.
      if (answer.status === 200) return;
    }
    assertProblem(await person.api.send("POST", `/v1/uploads/${upload.id}/complete`), 409, "bytes-missing");
    const honest = await sendBytes(request, picture);
    assert.equal(honest.status, 200, honest.bytes.toString("utf8"));
    await completeUpload(person.api, upload.id);
  });

test("more bytes than announced do not become part of the object", async () => {
  const picture = await makePng();
  const upload = await createUpload(person.api, intentOf(picture));
  const request = putRequestOf(upload);
  const answer = await send(request, picture, (honest) => ({
    ...honest,
    body: [picture, Buffer.from("<script>alert(1)</script>")],
  }));
  // The rest reads as a second request that is none; the connection may be dropped before the first is answered.
  assert.ok(answer === undefined || answer.status === 200 || answer.status === 400, `${answer?.status}`);
  const honest = await sendBytes(request, picture);
  assert.ok(honest.status === 200 || honest.status === 412, `${honest.status}`);
  await completeUpload(person.api, upload.id);
  const ended = await waitForEnd(person.api, upload.id);
  assert.equal(ended.state, "ready");
  assert.deepEqual((await downloadOriginal(person.api, ended.fileId)).bytes, picture);
});

test("a URL that was used is 412 for the same and for other bytes, and 403 without its header", async () => {
  const picture = await makePng();
  const upload = await createUpload(person.api, intentOf(picture));
  const request = putRequestOf(upload);
  assert.equal((await sendBytes(request, picture)).status, 200);
  assert.equal((await sendBytes(request, picture)).status, 412);
  const other = await send(request, picture, (honest) => withBody(honest, randomBytes(picture.length)));
  assert.ok(other && [400, 403, 412].includes(other.status), `${other?.status}`);
  const bare = await send(request, picture, (honest) => withoutHeader(honest, "if-none-match"));
  assert.equal(bare?.status, 403);
  await completeUpload(person.api, upload.id);
  const ended = await waitForEnd(person.api, upload.id);
  assert.deepEqual((await downloadOriginal(person.api, ended.fileId)).bytes, picture);
});

test("twenty PUTs of one URL at once store it once", async () => {
  const picture = await makePng();
  const request = putRequestOf(await createUpload(person.api, intentOf(picture)));
  const statuses = (await Promise.all(Array.from({ length: 20 }, () => sendBytes(request, picture)))).map(
    ({ status }) => status,
  );
  assert.equal(statuses.filter((status) => status === 200).length, 1, statuses.join(" "));
  assert.ok(
    statuses.every((status) => [200, 409, 412].includes(status)),
    statuses.join(" "),
  );
});

test("nothing can be swapped after complete", async () => {
  const picture = await makePng();
  const upload = await sendUpload(person.api, picture);
  const request = putRequestOf(upload);
  await completeUpload(person.api, upload.id);
  const swap = async () => {
    const honest = await sendBytes(request, picture);
    const other = await send(request, picture, (plain) => withBody(plain, randomBytes(picture.length)));
    return [honest.status, other?.status ?? 0];
  };
  const statuses = await swap();
  const ended = await waitForEnd(person.api, upload.id);
  statuses.push(...(await swap()));
  assert.equal(ended.state, "ready");
  assert.deepEqual((await downloadOriginal(person.api, ended.fileId)).bytes, picture);
  // The landing key may have been emptied by then, and the same bytes sent there again: nobody reads them.
  for (const [index, status] of statuses.entries())
    assert.ok(
      index === 2 ? [200, 403, 412].includes(status) : [400, 403, 412].includes(status),
      statuses.join(" "),
    );
});

test("a live URL of an aborted upload brings nothing in", async () => {
  const picture = await makePng();
  const upload = await createUpload(person.api, intentOf(picture));
  const request = putRequestOf(upload);
  const abort = await person.api.delete(`/v1/uploads/${upload.id}`);
  assert.ok(abort.status < 300, abort.text);
  const late = await sendBytes(request, picture);
  assert.ok(late.status === 412 || late.status === 403, `${late.status}`);
  assertProblem(await person.api.send("POST", `/v1/uploads/${upload.id}/complete`), 409, "upload-gone");
  assert.equal((await person.api.get(`/v1/files/${upload.fileId}`)).status, 404);
  assert.equal((await fetchBytes(request.url)).status, 403);
});

test("bytes that had arrived before the abort are never readable", async () => {
  const upload = await sendUpload(person.api, await makePng());
  await person.api.delete(`/v1/uploads/${upload.id}`);
  assert.equal((await fetchBytes(putRequestOf(upload).url)).status, 403);
  assert.equal((await person.api.get(`/v1/files/${upload.fileId}/content`)).status, 404);
});

test("a download's URL reads its object and does nothing else", async () => {
  const picture = await makePng();
  const { fileId } = await uploadToEnd(person.api, picture);
  const request = await mintDownload(person.api, fileId);
  for (const bend of [
    (honest: Honest) => ({ ...withBody(honest, picture), method: "PUT" }),
    (honest: Honest) => ({ ...honest, method: "DELETE" }),
    (honest: Honest) =>
      withTarget(honest, (target) => target.replace(/(.)\?/, (_, last) => `${last === "a" ? "b" : "a"}?`)),
    (honest: Honest) =>
      withParameter(honest, (parameters) => parameters.set("response-content-disposition", "inline")),
    (honest: Honest) =>
      withParameter(honest, (parameters) => parameters.set("response-content-type", "text/html")),
    (honest: Honest) =>
      withParameter(honest, (parameters) => parameters.delete("response-content-disposition")),
    (honest: Honest) => withTarget(honest, (target) => `${target}&response-expires=x`),
    (honest: Honest) => withHeader(honest, "x-amz-meta-a", "b"),
    (honest: Honest) => withTarget(honest, (target) => target.replace(/\/files\/[^?]*/, "")),
  ]) {
    const answer = await send(request, Buffer.alloc(0), bend);
    assert.ok(
      answer?.status === 403 || answer?.status === 400,
      `${answer?.status} ${answer?.body.toString("utf8")}`,
    );
  }
  assert.equal(sha256Of((await fetchBytes(request)).bytes), sha256Of(picture));
});

test("the bucket shows nobody its lists, its root or anything unsigned", async () => {
  const bucketPath = new URL(putRequestOf(await createUpload(person.api, intentOf(await makePng()))).url)
    .pathname;
  const name = bucketPath.split("/")[1] ?? "";
  for (const [method, target] of [
    ["GET", "/"],
    ["GET", `/${name}`],
    ["GET", `/${name}/`],
    ["GET", `/${name}/?list-type=2`],
    ["GET", `/${name}?location`],
    ["GET", `/${name}/files/`],
    ["DELETE", `/${name}`],
    ["PUT", `/${name}?policy`],
    ["POST", `/${name}?delete`],
    ["GET", "/../../etc/passwd"],
    ["GET", "/%2e%2e/%2e%2e/etc/passwd"],
    ["GET", `/${name}/..%2f..%2f..%2fetc/passwd`],
  ] as const) {
    const answer = await sendRaw(server.bucket, { method, target, headers: [["Content-Length", "0"]] });
    assert.ok(
      answer !== undefined && [400, 403, 404, 405].includes(answer.status),
      `${method} ${target}: ${answer?.status}`,
    );
    assert.doesNotMatch(answer.body.toString("utf8"), /<Key>|root:|\/tmp\//, target);
  }
});
