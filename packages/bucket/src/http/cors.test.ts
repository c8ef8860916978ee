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
  assert.equal(answer.headers["access-control-allow-methods"], "GET, HEAD, PUT");
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
    assert.match(String(allowed.headers["access-control-expose-headers"]), /ETag, x-amz-checksum-sha256/);
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
