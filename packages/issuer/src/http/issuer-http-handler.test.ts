import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createRemoteJWKSet, jwtVerify } from "jose";
import { createIssuerHttpHandler, InvalidIssuerUrlError, openIssuer } from "../index.ts";

async function serve(t: TestContext, path = "/oidc") {
  const directory = mkdtempSync(join(tmpdir(), "stowage-issuer-"));
  const issuer = await openIssuer({ directory });
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const issuerUrl = `${origin}${path}`;
  server.on("request", createIssuerHttpHandler({ issuer, issuerUrl }));
  t.after(() => {
    server.closeAllConnections();
    server.close();
    issuer.close();
    rmSync(directory, { recursive: true });
  });
  return { issuer, origin, issuerUrl };
}

test("a client that knows the issuer's URL alone finds its keys and verifies a token by them", async (t) => {
  const { issuer, issuerUrl } = await serve(t);
  await issuer.addAccount({ email: "ann@example.com" });
  const audience = "https://files.example.com";
  const token = await issuer.mintAccessToken({
    email: "ann@example.com",
    issuerUrl,
    audience,
    scope: "files:read",
    expiresInSeconds: 60,
  });

  const response = await fetch(`${issuerUrl}/.well-known/openid-configuration`);
  const metadata = (await response.json()) as { issuer: string; jwks_uri: string };
  assert.equal(metadata.issuer, issuerUrl);
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  const { payload } = await jwtVerify(token, keys, { issuer: issuerUrl, audience, typ: "at+jwt" });
  assert.equal(payload.email, "ann@example.com");
});

test("the metadata names endpoints that are there, all of them", async (t) => {
  const { issuer, issuerUrl } = await serve(t);
  const metadata = (await (await fetch(`${issuerUrl}/.well-known/openid-configuration`)).json()) as Record<
    string,
    unknown
  >;
  assert.deepEqual(metadata, issuer.discovery(issuerUrl));
  const endpoints = Object.entries(metadata).filter(([name]) => /_endpoint$|_uri$/.test(name));
  assert.deepEqual(endpoints.map(([name]) => name).sort(), [
    "authorization_endpoint",
    "end_session_endpoint",
    "jwks_uri",
    "revocation_endpoint",
    "token_endpoint",
  ]);
  for (const [name, url] of endpoints) {
    const method = /token|revocation/.test(name) ? "POST" : "GET";
    const response = await fetch(String(url), { method, redirect: "manual" });
    assert.ok(response.status < 500 && response.status !== 404, `${url} ${response.status}`);
  }
});

test("what is served is JSON for every origin, cached for minutes, and without a private member", async (t) => {
  const { issuer, issuerUrl } = await serve(t);
  for (const path of ["/.well-known/openid-configuration", "/jwks", "/jwks?x=y"]) {
    const response = await fetch(`${issuerUrl}${path}`, { headers: { Origin: "https://elsewhere.example" } });
    assert.equal(response.status, 200, path);
    assert.equal(response.headers.get("content-type"), "application/json");
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
    assert.equal(response.headers.get("cache-control"), "public, max-age=300");
    assert.equal(response.headers.get("x-content-type-options"), "nosniff");
    const text = await response.text();
    assert.doesNotMatch(text, /"(?:d|p|q|dp|dq|qi)":/);
    if (path.startsWith("/jwks")) assert.deepEqual(JSON.parse(text), issuer.jwks());
  }
});

test("HEAD is answered like GET, without the body", async (t) => {
  const { issuerUrl } = await serve(t);
  const got = await (await fetch(`${issuerUrl}/jwks`)).text();
  const response = await fetch(`${issuerUrl}/jwks`, { method: "HEAD" });
  assert.equal(response.headers.get("content-length"), String(Buffer.byteLength(got)));
  assert.equal(await response.text(), "");
});

test("everything else is a 404 in JSON that no cache keeps", async (t) => {
  const { origin, issuerUrl } = await serve(t);
  const others = [
    ["GET", issuerUrl],
    ["GET", `${issuerUrl}/`],
    ["GET", `${issuerUrl}/jwks/`],
    ["GET", `${issuerUrl}/authorize`],
    ["GET", `${origin}/jwks`],
    ["GET", `${origin}/.well-known/openid-configuration`],
    ["GET", `${origin}/OIDC/jwks`],
    ["POST", `${issuerUrl}/jwks`],
    ["DELETE", `${issuerUrl}/jwks`],
  ] as const;
  for (const [method, url] of others) {
    const response = await fetch(url, { method });
    assert.equal(response.status, 404, `${method} ${url}`);
    assert.equal(response.headers.get("cache-control"), "no-store");
    assert.deepEqual(await response.json(), { error: "not_found" });
  }
});

test("an issuer at the root of its origin is served there, a closing slash in its name or not", async (t) => {
  for (const path of ["", "/"]) {
    const { origin, issuerUrl } = await serve(t, path);
    const metadata = await (await fetch(`${origin}/.well-known/openid-configuration`)).json();
    assert.equal((metadata as { issuer: string }).issuer, issuerUrl);
    assert.equal((await fetch((metadata as { jwks_uri: string }).jwks_uri)).status, 200);
  }
});

test("a URL that can't be an issuer's stops the start", async (t) => {
  const { issuer } = await serve(t);
  assert.throws(
    () => createIssuerHttpHandler({ issuer, issuerUrl: "https://example.com/oidc?tenant=a" }),
    InvalidIssuerUrlError,
  );
});

test("changing what jwks() gave changes nothing for others", async (t) => {
  const { issuer } = await serve(t);
  const before = structuredClone(issuer.jwks());
  const taken = issuer.jwks();
  for (const key of taken.keys) key.n = "forged";
  taken.keys.length = 0;
  assert.deepEqual(issuer.jwks(), before);
});
