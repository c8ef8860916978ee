import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { createWebSession } from "./index.ts";
import { startTestSite, testKey } from "./test-site.testing.ts";

const endpoints = [
  ["/session/sign-in", "GET"],
  ["/session/callback", "GET"],
  ["/session/token", "POST"],
  ["/session/sign-out", "POST"],
] as const;

/** One request as written, and all that is answered. */
async function raw(url: string, text: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write(text);
  let answered = "";
  for await (const piece of socket) answered += piece;
  return answered;
}

test("every answer is kept by no cache, framed by no page, readable for no other origin, and tells no referrer", async (t) => {
  const site = await startTestSite(t);
  const responses = [];
  for (const [path] of [...endpoints, ["/session"], ["/session/"], ["/session/other"]])
    for (const method of ["GET", "POST", "OPTIONS", "PUT"])
      for (const origin of [site.url, "https://app.example"])
        responses.push(
          await fetch(`${site.url}${path}`, { method, headers: { origin }, redirect: "manual" }),
        );
  responses.push(await site.browser.get(`${site.url}/session/callback?state=x&code=y`));
  const url = await site.beginSignIn();
  responses.push(await site.browser.get(url.href), await site.askToken());
  for (const { url: asked, status, headers } of responses) {
    const where = `${asked} ${status}`;
    assert.equal(headers.get("cache-control"), "no-store", where);
    assert.equal(headers.get("referrer-policy"), "no-referrer", where);
    assert.equal(headers.get("x-content-type-options"), "nosniff", where);
    assert.match(headers.get("content-security-policy") ?? "", /frame-ancestors 'none'/, where);
    assert.deepEqual(
      [...headers.keys()].filter((name) => name.startsWith("access-control-")),
      [],
      where,
    );
  }
});

for (const [path, allowed] of endpoints)
  test(`${path} takes ${allowed} only`, async (t) => {
    const site = await startTestSite(t);
    await site.signIn();
    const before = site.issuer.requests.length;
    for (const method of ["GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"]) {
      if (method === allowed) continue;
      const response = await site.browser.post(`${site.url}${path}`, {}, "", method);
      assert.equal(response.status, 405, method);
      assert.equal(response.headers.get("allow"), allowed);
      assert.equal(response.headers.getSetCookie().length, 0);
    }
    assert.equal(site.issuer.requests.length, before);
    assert.equal((await site.askToken()).status, 200);
  });

for (const path of [
  "/session",
  "/session/",
  "/session/tokens",
  "/session/token/",
  "/session/TOKEN",
  "/session/%74oken",
])
  test(`there is nothing at ${path}`, async (t) => {
    const site = await startTestSite(t);
    const response = await site.browser.post(`${site.url}${path}`);
    assert.equal(response.status, 404);
    assert.equal(((await response.json()) as { code: string }).code, "not-found");
  });

for (const [what, headers] of [
  ["another site", { origin: "https://evil.example", "sec-fetch-site": "cross-site" }],
  [
    "another origin of this site, as an upload's would be",
    { origin: "http://localhost:8421", "sec-fetch-site": "same-site" },
  ],
  ["another site by an old browser", { origin: "https://evil.example", "sec-fetch-site": undefined }],
  ["a sandboxed frame", { origin: "null", "sec-fetch-site": "cross-site" }],
  ["something that hides its origin", { origin: undefined, "sec-fetch-site": "cross-site" }],
  ["something that says neither", { origin: undefined, "sec-fetch-site": undefined }],
  ["an origin that begins like ours", { origin: "OURS.evil.example", "sec-fetch-site": undefined }],
] as const)
  test(`a POST from ${what} is refused and changes nothing`, async (t) => {
    const site = await startTestSite(t);
    await site.signIn();
    const given = Object.entries(headers).map(
      ([name, value]) => [name, value?.replace("OURS", site.url)] as const,
    );
    for (const path of ["/session/token", "/session/sign-out"]) {
      const response = await site.browser.post(`${site.url}${path}`, Object.fromEntries(given));
      assert.equal(response.status, 403);
      assert.equal(((await response.json()) as { code: string }).code, "cross-site");
      assert.deepEqual(response.headers.getSetCookie(), []);
    }
    assert.equal((await site.askToken()).status, 200);
  });

for (const headers of [{ "sec-fetch-site": undefined }, { origin: undefined }] as const)
  test(`a POST of our own page that says only one of the two is taken: ${Object.keys(headers)} left out`, async (t) => {
    const site = await startTestSite(t);
    await site.signIn();
    assert.equal((await site.browser.post(`${site.url}/session/token`, headers)).status, 200);
  });

for (const destination of ["image", "iframe", "empty", "script", "object"])
  test(`a sign-in that is asked for as ${destination} is none`, async (t) => {
    const site = await startTestSite(t);
    const response = await site.browser.get(`${site.url}/session/sign-in`, { "sec-fetch-dest": destination });
    assert.equal(response.status, 403);
    assert.deepEqual(response.headers.getSetCookie(), []);
  });

test("a small body is passed over, a larger one or one without a length is refused", async (t) => {
  const site = await startTestSite(t);
  await site.signIn();
  for (const body of ["", "{}", "x".repeat(1024)])
    assert.equal((await site.browser.post(`${site.url}/session/token`, {}, body)).status, 200);
  const head = `POST /session/token HTTP/1.1\r\nHost: x\r\nOrigin: ${site.url}\r\n`;
  for (const rest of [
    "Content-Length: 1025\r\n\r\n",
    "Content-Length: 99999999999\r\n\r\nx",
    "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n",
  ]) {
    const answered = await raw(site.url, head + rest);
    assert.match(answered, /^HTTP\/1\.1 413 .*"code":"body-too-large"/s);
  }
});

test("a Host of any name changes nothing: where to come back to is configured", async (t) => {
  const site = await startTestSite(t);
  const answered = await raw(
    site.url,
    "GET /session/sign-in HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n",
  );
  const location = new URL(/^location: (.*)\r$/im.exec(answered)?.[1] ?? "");
  assert.equal(location.searchParams.get("redirect_uri"), `${site.url}/session/callback`);
  assert.doesNotMatch(answered, /evil/);
});

test("a URL that is none, or that names another host, is not found and breaks nothing", async (t) => {
  const site = await startTestSite(t);
  for (const url of [
    "http://evil.example/session/sign-in",
    "//evil.example/session/sign-in",
    "*",
    "/session/sign-in%",
  ]) {
    const method = url === "*" ? "OPTIONS" : "GET";
    const answered = await raw(site.url, `${method} ${url} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    assert.match(answered, /^HTTP\/1\.1 404 /, url);
  }
});

test("nothing secret is logged, whatever goes wrong", async (t) => {
  const site = await startTestSite(t, { session: { issuerTimeoutSeconds: 0.5 } });
  const secrets = new Set<string>();
  const keepSecrets = (text: string) => {
    for (const secret of text.match(/[\w-]{40,}/g) ?? []) secrets.add(secret);
  };
  site.restart({
    fetch: async (url, options) => {
      keepSecrets(String(options.body));
      const response = await fetch(url, options as RequestInit);
      keepSecrets(await response.clone().text());
      return response;
    },
  });
  const answerWith = (status: number, body: string) => {
    site.issuer.intercept = (_request, response) => {
      response.writeHead(status, { "content-type": "application/json" }).end(body);
      return true;
    };
  };
  for (const change of ["state", "iss", "code", "error", "none"]) {
    const url = await site.beginSignIn();
    keepSecrets(url.search);
    if (change !== "none") url.searchParams.set(change, `x${url.searchParams.get(change) ?? "server_error"}`);
    await site.browser.get(url.href);
  }
  for (const [, value] of site.browser.cookies) keepSecrets(value);
  for (const [status, body] of [
    [400, '{"error":"invalid_grant","error_description":"gone"}'],
    [401, '{"error":"invalid_client"}'],
    [500, "{}"],
    [200, '{"access_token":"an-access-token-that-is-long-enough-to-be-seen-0","token_type":"strange"}'],
    [
      200,
      '{"access_token":"x","token_type":"bearer","id_token":"an.id.token-that-is-long-enough-to-be-seen-000000000"}',
    ],
  ] as const) {
    await site.signIn();
    site.clock.aheadMs += 301_000;
    answerWith(status, body);
    keepSecrets(body);
    await site.askToken();
    site.issuer.intercept = undefined;
  }
  await site.browser.post(`${site.url}/session/sign-out`);
  assert.ok(site.log.length >= 8, site.log.join("\n"));
  assert.ok(secrets.size > 20);
  const log = site.log.join("\n");
  for (const secret of secrets) assert.ok(!log.includes(secret), secret);
});

test("a key that is too short, or a public URL with a path, stops the start", () => {
  const options = {
    publicUrl: "https://files.example",
    issuer: "https://issuer.example",
    clientId: "web",
    scope: "openid",
    key: testKey,
  };
  assert.throws(() => createWebSession({ ...options, key: Buffer.alloc(31) }), RangeError);
  assert.throws(() => createWebSession({ ...options, publicUrl: "https://files.example/" }), RangeError);
});
