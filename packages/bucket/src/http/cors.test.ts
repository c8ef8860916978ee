import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestBucket } from "../testing/test-bucket.ts";
import { createCors } from "./cors.ts";

const page = "https://app.example";
const preflight = (origin: string, method: string, headers = "") => ({
  headers: {
    origin,
    "access-control-request-method": method,
    ...(headers && { "access-control-request-headers": headers }),
  },
});

test("a preflight of a configured origin is told what it may send", async (t) => {
  const bucket = await startTestBucket(t, { corsOrigins: [page] });
  const asked = "content-type,if-none-match,x-amz-checksum-sha256,range";
  const answer = await bucket.send("OPTIONS", "/test-bucket/k", preflight(page, "PUT", asked));
  assert.equal(answer.status, 204);
  assert.equal(answer.headers["access-control-allow-origin"], page);
  assert.equal(answer.headers["access-control-allow-methods"], "GET, HEAD, PUT, POST");
  assert.equal(answer.headers["access-control-allow-headers"], asked.replaceAll(",", ", "));
  assert.equal(answer.headers["access-control-max-age"], "3600");
  assert.equal(answer.headers["access-control-allow-credentials"], undefined);
  assert.match(String(answer.headers.vary), /Origin/);
});

test("any other preflight is refused", async (t) => {
  const bucket = await startTestBucket(t, { corsOrigins: [page] });
  for (const sent of [
    preflight("https://evil.example", "PUT"),
    preflight("https://app.example.evil.example", "PUT"),
    preflight("null", "PUT"),
    preflight(page, "DELETE"),
    preflight(page, "PUT", "content-type, cookie"),
  ]) {
    const answer = await bucket.send("OPTIONS", "/test-bucket/k", sent);
    assert.deepEqual([answer.status, answer.code], [403, "AccessForbidden"]);
    assert.equal(answer.headers["access-control-allow-methods"], undefined);
  }
  const without = await bucket.send("OPTIONS", "/test-bucket/k", {});
  assert.deepEqual([without.status, without.code], [400, "BadRequest"]);
});

test("without configured origins every preflight is refused", async (t) => {
  const bucket = await startTestBucket(t);
  const answer = await bucket.send("OPTIONS", "/test-bucket/k", preflight(page, "GET"));
  assert.equal(answer.status, 403);
  assert.equal(answer.headers["access-control-allow-origin"], undefined);
});

test("a page of a configured origin can read answers and refusals, another's can't", async (t) => {
  const bucket = await startTestBucket(t, { corsOrigins: [page, "http://localhost:5173"] });
  await bucket.put("k", "content");
  for (const key of ["k", "missing"]) {
    const allowed = await bucket.get(key, { origin: "http://localhost:5173" });
    assert.equal(allowed.headers["access-control-allow-origin"], "http://localhost:5173");
    assert.match(String(allowed.headers["access-control-expose-headers"]), /^ETag, .*x-amz-checksum-sha256/);
    assert.equal(allowed.headers.vary, "Origin");
    const other = await bucket.get(key, { origin: "http://localhost:5174" });
    assert.equal(other.headers["access-control-allow-origin"], undefined);
    assert.equal(other.headers.vary, "Origin");
  }
});

test("an origin that no browser would send is a mistake of the configuration", () => {
  for (const origin of ["https://app.example/", "*", "app.example", "https://APP.example", "null"])
    assert.throws(() => createCors([origin]), RangeError, origin);
});

test("a page may read what S3's clients need of an answer, refusals included", async (t) => {
  const bucket = await startTestBucket(t, { corsOrigins: [page] });
  const answer = await bucket.get("missing", { origin: page });
  const exposed = String(answer.headers["access-control-expose-headers"]).toLowerCase().split(", ");
  for (const name of [
    "etag",
    "location",
    "retry-after",
    "content-range",
    "x-amz-checksum-crc32c",
    "x-amz-checksum-type",
  ])
    assert.ok(exposed.includes(name), name);
});

test("the rules in force can be looked at, and are configuration", async (t) => {
  const bucket = await startTestBucket(t, { corsOrigins: [page, "https://b.example"] });
  const answer = await bucket.signed("GET", "?cors=");
  assert.equal(answer.status, 200);
  const xml = answer.body.toString();
  const valuesOf = (name: string) =>
    [...xml.matchAll(new RegExp(`<${name}>([^<]*)</${name}>`, "g"))].map(([, value]) => value);
  assert.match(xml, /<CORSConfiguration xmlns="[^"]+"><CORSRule>.*<\/CORSRule><\/CORSConfiguration>$/);
  assert.deepEqual(valuesOf("AllowedOrigin"), [page, "https://b.example"]);
  assert.deepEqual(valuesOf("AllowedMethod"), ["GET", "HEAD", "PUT", "POST"]);
  assert.ok(valuesOf("AllowedHeader").includes("x-amz-*") && valuesOf("ExposeHeader").includes("ETag"));
  assert.deepEqual(valuesOf("MaxAgeSeconds"), ["3600"]);
  for (const method of ["PUT", "DELETE"]) {
    const refused = await bucket.signed(method, "?cors=");
    assert.deepEqual([refused.status, refused.code], [405, "MethodNotAllowed"]);
    assert.equal(refused.headers.allow, "GET");
    assert.match(refused.body.toString(), /configuration/);
  }
  const none = await (await startTestBucket(t)).signed("GET", "?cors=");
  assert.deepEqual([none.status, none.code], [404, "NoSuchCORSConfiguration"]);
});
