import assert from "node:assert/strict";
import { test } from "node:test";
import { assetHeaders, contentSecurityPolicy, pageHeaders } from "./site-headers.ts";

test("the page's policy names the bucket's origin, without what follows it", () => {
  const policy = contentSecurityPolicy("https://files.example:8443/a/path");
  assert.match(policy, /connect-src 'self' https:\/\/files\.example:8443;/);
  assert.doesNotMatch(policy, /path/);
});

test("no directive lets the page run or style itself from anywhere but its own origin", () => {
  const policy = contentSecurityPolicy("https://files.example");
  assert.match(policy, /(^|; )default-src 'none';/);
  assert.match(policy, /; script-src 'self';/);
  assert.match(policy, /; style-src 'self';/);
  assert.doesNotMatch(policy, /unsafe|\*/);
});

test("TLS is promised where the public URL has it, and nowhere else", () => {
  const bucketUrl = "https://files.example";
  for (const headers of [pageHeaders, assetHeaders]) {
    const secure = headers({ publicUrl: "https://photos.example", bucketUrl });
    assert.equal(secure["strict-transport-security"], "max-age=31536000");
    assert.equal(
      headers({ publicUrl: "http://localhost:8420", bucketUrl })["strict-transport-security"],
      undefined,
    );
  }
});

test("an opener policy is sent where browsers heed it: over TLS and on their own machine", () => {
  const openerPolicyAt = (publicUrl: string) =>
    pageHeaders({ publicUrl, bucketUrl: "https://files.example" })["cross-origin-opener-policy"];
  for (const heeding of ["https://photos.example", "http://localhost:8420", "http://127.0.0.1:8420"])
    assert.equal(openerPolicyAt(heeding), "same-origin", heeding);
  assert.equal(openerPolicyAt("http://photos.test:8420"), undefined);
});
