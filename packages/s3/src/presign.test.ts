import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { PresignedRequest, PresignGet, PresignPut } from "@stowage/core";
import { createVerifier, decodeQuery, SignatureRefusedError } from "@stowage/sigv4";
import fc from "fast-check";
import { createS3ObjectStore, type S3ObjectStoreOptions } from "./create-s3-object-store.ts";
import { credentials } from "./scripted-server.testing.ts";

const createStore = (options: Partial<S3ObjectStoreOptions> = {}) =>
  createS3ObjectStore({
    endpoint: "http://127.0.0.1:9001",
    region: "eu-west-1",
    bucket: "bucket",
    credentials,
    ...options,
  });

const key = fc
  .array(fc.stringMatching(/^[a-z0-9-]{1,12}$/), { minLength: 1, maxLength: 4 })
  .map((segments) => segments.join("/"));
const life = {
  key,
  expiresInSeconds: fc.integer({ min: 1, max: 600 }),
  signedAtMs: fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2050, 0) }),
};
const put: fc.Arbitrary<PresignPut> = fc.record({
  ...life,
  sizeBytes: fc.integer({ min: 0, max: 5 * 1024 ** 3 }),
  contentType: fc.constantFrom("image/png", "text/plain; charset=utf-8", "application/vnd.a+b"),
  sha256: fc.stringMatching(/^[0-9a-f]{64}$/),
});
const value = fc.stringMatching(/^[\x21-\x7e][\x20-\x7e]{0,80}$/);
const get: fc.Arbitrary<PresignGet> = fc.record({
  ...life,
  responseContentType: value,
  responseContentDisposition: value,
  responseCacheControl: value,
});

/** Sends the request to a verifier as a browser would: host and length are its own. */
function verify(request: PresignedRequest, atMs: number, more: Record<string, string> = {}) {
  const url = new URL(request.url);
  const headers = new Map(Object.entries({ host: url.host, ...request.headers, ...more }));
  return createVerifier({
    region: "eu-west-1",
    findSecretAccessKey: (id) => (id === credentials.accessKeyId ? credentials.secretAccessKey : undefined),
    now: () => new Date(atMs),
  })({ method: request.method, target: url.pathname + url.search, headers });
}

describe("a presigned PUT", () => {
  it("is signed with all that it must keep, of which the client is told what it sets", () => {
    const { presignPut } = createStore();
    fc.assert(
      fc.property(put, (input) => {
        const request = presignPut(input);
        const length = { "content-length": String(input.sizeBytes) };
        const verified = verify(request, input.signedAtMs, length);
        assert.deepEqual(
          [...verified.signedHeaders],
          ["content-length", "content-type", "host", "if-none-match", "x-amz-checksum-sha256"],
        );
        assert.deepEqual(request.headers, {
          "content-type": input.contentType,
          "if-none-match": "*",
          "x-amz-checksum-sha256": Buffer.from(input.sha256, "hex").toString("base64"),
        });
        assert.equal(new URL(request.url).pathname, `/bucket/${input.key}`);
        assert.equal(verified.payloadSha256, "UNSIGNED-PAYLOAD");
        assert.equal(verified.expiresAt?.getTime(), request.expiresAtMs);
      }),
    );
  });

  it("lives to its end, at most as long as asked, and not a millisecond more", () => {
    const { presignPut } = createStore();
    fc.assert(
      fc.property(put, (input) => {
        const request = presignPut(input);
        const length = { "content-length": String(input.sizeBytes) };
        assert.ok(request.expiresAtMs <= input.signedAtMs + input.expiresInSeconds * 1000);
        verify(request, request.expiresAtMs - 1, length);
        assert.throws(() => verify(request, request.expiresAtMs, length), /expired/);
      }),
    );
  });

  it("is worth nothing with a header changed or left out, another length, method or key", () => {
    const { presignPut } = createStore();
    fc.assert(
      fc.property(put, fc.nat(), (input, pick) => {
        const request = presignPut(input);
        const length = { "content-length": String(input.sizeBytes) };
        const refuses = (changed: PresignedRequest, more: Record<string, string>) =>
          assert.throws(() => verify(changed, input.signedAtMs, more), SignatureRefusedError);
        const names = Object.keys(request.headers);
        const name = names[pick % names.length] ?? "";
        refuses(request, { ...length, [name]: `${request.headers[name]}x` });
        const headers = Object.fromEntries(Object.entries(request.headers).filter(([each]) => each !== name));
        refuses({ ...request, headers }, length);
        refuses(request, { "content-length": String(input.sizeBytes + 1) });
        refuses({ ...request, method: "GET" }, length);
        refuses({ ...request, url: request.url.replace("/bucket/", "/bucket/a") }, length);
        refuses(request, { ...length, "x-amz-acl": "public-read" });
      }),
    );
  });

  it("signs a private ACL for a store that is known to act on headers that were not signed", () => {
    const capabilities = { enforcesSignedHeaders: false };
    const input: PresignPut = {
      key: "uploads/a",
      sizeBytes: 1,
      contentType: "image/png",
      sha256: "00".repeat(32),
      expiresInSeconds: 60,
      signedAtMs: Date.UTC(2026, 0),
    };
    const request = createStore({ capabilities }).presignPut(input);
    assert.equal(request.headers["x-amz-acl"], "private");
    assert.ok(verify(request, input.signedAtMs, { "content-length": "1" }).signedHeaders.has("x-amz-acl"));
    for (const known of [{}, { enforcesSignedHeaders: true }])
      assert.equal(createStore({ capabilities: known }).presignPut(input).headers["x-amz-acl"], undefined);
  });

  it("is not made for what could not be sent as signed", () => {
    const { presignPut } = createStore();
    const input: PresignPut = {
      key: "a",
      sizeBytes: 1,
      contentType: "image/png",
      sha256: "00".repeat(32),
      expiresInSeconds: 60,
      signedAtMs: 0,
    };
    for (const sha256 of ["", "00", "0".repeat(63), "A".repeat(64), `${"0".repeat(64)}\n`])
      assert.throws(() => presignPut({ ...input, sha256 }), TypeError);
    for (const contentType of ["a\r\nx-amz-acl: public-read", "a\u0000", "ä"])
      assert.throws(() => presignPut({ ...input, contentType }), TypeError);
    assert.throws(() => presignPut({ ...input, sizeBytes: 5 * 1024 ** 3 + 1 }), RangeError);
    assert.throws(() => presignPut({ ...input, signedAtMs: Number.NaN }), RangeError);
  });
});

describe("a presigned GET", () => {
  it("names the headers to answer with, needs none itself, and is worth nothing once changed", () => {
    const { presignGet } = createStore();
    fc.assert(
      fc.property(get, (input) => {
        const request = presignGet(input);
        assert.deepEqual(request.headers, {});
        const verified = verify(request, input.signedAtMs);
        assert.deepEqual([...verified.signedHeaders], ["host"]);
        assert.equal(verified.expiresAt?.getTime(), request.expiresAtMs);
        const url = new URL(request.url);
        const query = decodeQuery(url.pathname + url.search);
        assert.equal(query.get("response-content-type"), input.responseContentType);
        assert.equal(query.get("response-content-disposition"), input.responseContentDisposition);
        assert.equal(query.get("response-cache-control"), input.responseCacheControl);
        assert.throws(() => verify(request, request.expiresAtMs), /expired/);
        for (const name of ["response-content-type", "response-content-disposition"]) {
          const changed = new URL(request.url);
          changed.searchParams.set(name, "text/html");
          if (query.get(name) !== "text/html")
            assert.throws(
              () => verify({ ...request, url: changed.href }, input.signedAtMs),
              SignatureRefusedError,
            );
        }
      }),
    );
  });

  it("is the same for the same input within a second, and of the public endpoint", () => {
    const { presignGet } = createStore({ publicEndpoint: "https://files.example.com" });
    const input: PresignGet = {
      key: "files/a",
      expiresInSeconds: 600,
      signedAtMs: 1_700_000_000_000,
      responseContentType: "image/webp",
      responseContentDisposition: "inline",
      responseCacheControl: "private",
    };
    const request = presignGet(input);
    assert.deepEqual(presignGet({ ...input, signedAtMs: input.signedAtMs + 999 }), request);
    assert.match(request.url, /^https:\/\/files\.example\.com\/bucket\/files\/a\?/);
    verify(request, input.signedAtMs);
  });

  it("asks for no header that could hold another", () => {
    const { presignGet } = createStore();
    const input: PresignGet = {
      key: "files/a",
      expiresInSeconds: 600,
      signedAtMs: 0,
      responseContentType: "image/webp",
      responseContentDisposition: "inline",
      responseCacheControl: "private",
    };
    for (const bad of ["", "a\r\nset-cookie: x=y", "a\nb", "\u0000", "ü", "a\u202e"]) {
      assert.throws(() => presignGet({ ...input, responseContentType: bad }), TypeError);
      assert.throws(() => presignGet({ ...input, responseContentDisposition: bad }), TypeError);
      assert.throws(() => presignGet({ ...input, responseCacheControl: bad }), TypeError);
    }
  });
});
