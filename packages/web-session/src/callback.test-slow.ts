import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";
import { openTestBrowser } from "./test-browser.testing.ts";
import { startTestSite } from "./test-site.testing.ts";
import { waitUntil } from "./wait-until.testing.ts";

const changed = (url: URL, change: (query: URLSearchParams) => void): string => {
  const copy = new URL(url);
  change(copy.searchParams);
  return copy.href;
};

for (const [what, change, location] of [
  ["another state", (query) => query.set("state", "x".repeat(43)), "/?sign-in=expired"],
  [
    "a state that only begins alike",
    (query) => query.set("state", `${query.get("state")?.slice(0, 8)}${"x".repeat(35)}`),
    "/?sign-in=expired",
  ],
  ["no state", (query) => query.delete("state"), "/?sign-in=failed"],
  ["two states", (query) => query.append("state", query.get("state") ?? ""), "/?sign-in=failed"],
  ["another issuer's iss", (query) => query.set("iss", "https://evil.example"), "/?sign-in=failed"],
  ["no iss, of an issuer that sends it", (query) => query.delete("iss"), "/?sign-in=failed"],
  ["two codes", (query) => query.append("code", "x"), "/?sign-in=failed"],
  ["no code", (query) => query.delete("code"), "/?sign-in=failed"],
  ["a code that is none", (query) => query.set("code", "x"), "/?sign-in=expired"],
  ["a token beside the code", (query) => query.set("id_token", "x"), "/?sign-in=failed"],
] as const satisfies readonly [string, (query: URLSearchParams) => void, string][])
  test(`a callback with ${what} signs nobody in, and says so: ${location}`, async (t) => {
    const site = await startTestSite(t);
    const url = changed(await site.beginSignIn(), change);
    const response = await site.browser.get(url);
    assert.equal(response.status, 302);
    assert.equal(response.headers.get("location"), location);
    assert.equal((await site.askToken()).status, 204);
    const isSent = site.issuer.requests.includes("POST /token");
    assert.equal(isSent, what === "a code that is none");
  });

test("a code works once, and its second use does not end what the first one began", async (t) => {
  const site = await startTestSite(t);
  const url = await site.beginSignIn();
  const before = new Map(site.browser.cookies);
  const first = await site.browser.get(url.href);
  assert.equal(first.headers.get("location"), "/photos");

  // A browser that kept the flow's cookie, and one that has no session.
  const other = openTestBrowser();
  for (const [name, value] of before) other.cookies.set(name, value);
  const second = await other.get(url.href);
  assert.equal(second.headers.get("location"), "/?sign-in=expired");
  // Reload, or back.
  const reload = await site.browser.get(url.href);
  assert.equal(reload.headers.get("location"), "/");

  assert.equal(site.issuer.requests.filter((each) => each === "POST /token").length, 1);
  site.clock.aheadMs += 301_000;
  assert.equal((await site.askToken()).status, 200);
});

test("a callback that the browser sends twice at once is one sign-in", async (t) => {
  const site = await startTestSite(t);
  const url = await site.beginSignIn();
  const both = await Promise.all([site.browser.get(url.href), site.browser.get(url.href)]);
  assert.deepEqual(
    both.map(({ headers }) => headers.get("location")),
    ["/photos", "/photos"],
  );
  assert.equal(site.issuer.requests.filter((each) => each === "POST /token").length, 1);
  assert.equal((await site.token()).account.subject, "ann");
});

test("sign-ins in several tabs end in any order, each where it began", async (t) => {
  const site = await startTestSite(t, { configuration: { rotateRefreshToken: true } });
  const began = [];
  for (const tab of ["one", "two", "three"])
    began.push(await site.beginSignIn("ann", site.browser, `?return=/${tab}`));
  for (const [url, location] of [
    [began[2], "/three"],
    [began[0], "/one"],
    [began[1], "/two"],
  ] as const) {
    const response = await site.browser.get(url?.href ?? "");
    assert.equal(response.headers.get("location"), location);
    assert.equal((await site.token()).account.subject, "ann");
  }
  assert.equal([...site.browser.cookies.keys()].filter((name) => name.includes("sign-in")).length, 0);
  site.restart();
  assert.equal((await site.askToken()).status, 200);
});

test("nobody is signed in by another's callback: it belongs to the browser that began it", async (t) => {
  const site = await startTestSite(t);
  const evil = openTestBrowser();
  const url = await site.beginSignIn("mallory", evil);
  // The victim has a flow of their own under way.
  await site.browser.get(`${site.url}/session/sign-in`);
  const response = await site.browser.get(url.href);
  assert.equal(response.headers.get("location"), "/?sign-in=expired");
  assert.equal((await site.askToken()).status, 204);
  assert.equal(site.issuer.requests.includes("POST /token"), false);
});

test("a victim with another's flow cookie and code, but a verifier that does not fit, is not signed in", async (t) => {
  const site = await startTestSite(t);
  const evil = openTestBrowser();
  const evilUrl = await site.beginSignIn("mallory", evil);
  const url = await site.beginSignIn("ann");
  // Code injection (RFC 9700 section 4.5): the attacker's code in the victim's own flow.
  const injected = changed(url, (query) => query.set("code", evilUrl.searchParams.get("code") ?? ""));
  assert.equal((await site.browser.get(injected)).headers.get("location"), "/?sign-in=expired");
  assert.equal((await site.askToken()).status, 204);
});

for (const [what, change] of [
  ["missing", () => undefined],
  ["cut", (value: string) => value.slice(0, -1)],
  ["changed", (value: string) => `${value.slice(0, 40)}${value[40] === "A" ? "B" : "A"}${value.slice(41)}`],
  ["empty", () => ""],
] as const)
  test(`a sign-in whose cookie is ${what} has expired`, async (t) => {
    const site = await startTestSite(t);
    const url = await site.beginSignIn();
    const [[name = "", value = ""] = []] = [...site.browser.cookies].filter(([each]) =>
      each.startsWith("stowage-sign-in"),
    );
    const next = change(value);
    if (next === undefined) site.browser.cookies.delete(name);
    else site.browser.cookies.set(name, next);
    assert.equal((await site.browser.get(url.href)).headers.get("location"), "/?sign-in=expired");
    assert.equal(site.issuer.requests.includes("POST /token"), false);
  });

test("a sign-in that took eleven minutes has expired, also where the browser kept its cookie", async (t) => {
  const site = await startTestSite(t);
  const url = await site.beginSignIn();
  site.clock.aheadMs += 660_000;
  assert.equal((await site.browser.get(url.href)).headers.get("location"), "/?sign-in=expired");
});

test("a flow that was begun under another key, at another issuer or as another client has expired", async (t) => {
  const site = await startTestSite(t);
  for (const options of [
    { key: Buffer.alloc(32, 8) },
    { clientId: "other" },
    { issuer: "https://other.example" },
  ]) {
    const url = await site.beginSignIn();
    site.restart(options);
    assert.equal((await site.browser.get(url.href)).headers.get("location"), "/?sign-in=expired");
    site.restart();
  }
});

test("who says no at the issuer is told so", async (t) => {
  const site = await startTestSite(t);
  site.issuer.person = undefined;
  const at = await site.browser.follow(`${site.url}/session/sign-in`, ({ pathname }) => pathname === "/");
  assert.equal(at.href, `${site.url}/?sign-in=refused`);
});

for (const [error, location] of [
  ["access_denied", "refused"],
  ["login_required", "refused"],
  ["temporarily_unavailable", "unavailable"],
  ["server_error", "unavailable"],
  ["invalid_scope", "failed"],
  ["<script>", "failed"],
] as const)
  test(`an issuer that answers ${error}: ${location}`, async (t) => {
    const site = await startTestSite(t);
    const url = changed(await site.beginSignIn(), (query) => {
      query.delete("code");
      query.set("error", error);
    });
    assert.equal((await site.browser.get(url)).headers.get("location"), `/?sign-in=${location}`);
  });

test("an ID token whose nonce or signature is wrong signs nobody in", async (t) => {
  for (const spoil of [
    (idToken: string) => forged(idToken, { nonce: "x".repeat(43) }),
    (idToken: string) => forged(idToken, { aud: "other" }),
    (idToken: string) => forged(idToken, { sub: "mallory" }),
    (idToken: string) => forged(idToken, { exp: 1 }),
    (idToken: string) => forged(idToken, {}, { alg: "none" }),
    (idToken: string) => forged(idToken, {}, { alg: "HS256" }),
    () => undefined,
  ]) {
    const site = await startTestSite(t);
    const url = await site.beginSignIn();
    const { fetch: asBefore } = globalThis;
    site.restart({
      fetch: async (input, options) => {
        const response = await asBefore(input, options as RequestInit);
        if (!input.endsWith("/token")) return response;
        const body = (await response.json()) as { id_token: string };
        return Response.json({ ...body, id_token: spoil(body.id_token) });
      },
    });
    assert.equal((await site.browser.get(url.href)).headers.get("location"), "/?sign-in=failed", `${spoil}`);
    assert.equal((await site.askToken()).status, 204);
  }
});

/** With other claims, and the old signature or one with what everybody knows. */
function forged(idToken: string, claims: object, header: object = {}): string {
  const [oldHeader = "", oldClaims = "", signature = ""] = idToken.split(".");
  const rewrite = (part: string, changes: object) =>
    Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(part, "base64url").toString()), ...changes }),
    ).toString("base64url");
  const signed = `${rewrite(oldHeader, header)}.${rewrite(oldClaims, claims)}`;
  if (!("alg" in header)) return `${signed}.${signature}`;
  return header.alg === "none"
    ? `${signed}.`
    : `${signed}.${createHmac("sha256", "web").update(signed).digest("base64url")}`;
}

test("the code is exchanged at the address that is configured, whatever the Host says", async (t) => {
  const site = await startTestSite(t);
  const url = await site.beginSignIn();
  const response = await site.browser.get(url.href, {
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "https",
    forwarded: "host=evil.example",
  });
  assert.equal(response.headers.get("location"), "/photos");
});

test("a person who signs in as another replaces the session, and the first one's refresh token ends", async (t) => {
  const site = await startTestSite(t);
  await site.signIn("ann");
  await site.token();
  const annsBrowser = openTestBrowser();
  for (const [name, value] of site.browser.cookies)
    if (name.startsWith("stowage")) annsBrowser.cookies.set(name, value);
  // The issuer asks anew, as after its own sign-out.
  for (const name of site.browser.cookies.keys()) if (name.startsWith("_")) site.browser.cookies.delete(name);

  await site.signIn("bob");
  assert.equal((await site.token()).account.subject, "bob");
  assert.equal((await site.askToken(annsBrowser)).status, 401);
  await waitUntil(() => site.issuer.requests.includes("POST /token/revocation"));
  site.restart();
  assert.equal((await site.token()).account.subject, "bob");
  const kept = [...site.browser.cookies.keys()].filter((name) => name.startsWith("stowage-s"));
  assert.equal(kept.length, 1);
});

test("who signs in again as the same person keeps being signed in", async (t) => {
  const site = await startTestSite(t);
  await site.signIn("ann");
  await site.signIn("ann");
  site.restart();
  assert.equal((await site.token()).account.subject, "ann");
  assert.equal(site.issuer.requests.includes("POST /token/revocation"), false);
});

test("an answer to the former session's request sets nothing over the new session", async (t) => {
  const site = await startTestSite(t, { configuration: { rotateRefreshToken: true } });
  await site.signIn("ann");
  site.clock.aheadMs += 301_000;
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  let isHeld = false;
  const { fetch: asBefore } = globalThis;
  site.restart({
    fetch: async (url, options) => {
      const isRefresh = String(options.body).includes("grant_type=refresh_token");
      if (isRefresh) {
        isHeld = true;
        await held;
      }
      return asBefore(url, options as RequestInit);
    },
  });
  const url = await site.beginSignIn("ann");
  const late = site.askToken();
  await waitUntil(() => isHeld);
  // As from another site's issuer: the session's cookie is Strict, and not sent.
  const strict = [...site.browser.cookies].filter(([name]) => /^stowage-(session|id-token)/.test(name));
  for (const [name] of strict) site.browser.cookies.delete(name);
  assert.equal((await site.browser.get(url.href)).headers.get("location"), "/photos");
  const now = new Map(site.browser.cookies);
  release();
  const answer = await late;
  assert.equal(answer.status, 401);
  assert.deepEqual(answer.headers.getSetCookie(), []);
  assert.deepEqual(site.browser.cookies, now);
  assert.equal((await site.token()).account.subject, "ann");
});

test("a refresh token that fits in no cookie signs nobody in, and the log says how long it is", async (t) => {
  const site = await startTestSite(t, {
    configuration: {
      formats: { bitsOfOpaqueRandomness: (_context, { kind }) => (kind === "RefreshToken" ? 19_200 : 256) },
    },
  });
  assert.equal((await site.signIn()).href, `${site.url}/?sign-in=failed`);
  assert.match(site.log.join(), /refresh token of 3200 characters/);
});

test("tokens as long as Cognito's, and claims that make an ID token too long for a cookie", async (t) => {
  const groups = "g".repeat(4000);
  const site = await startTestSite(t, {
    configuration: {
      formats: { bitsOfOpaqueRandomness: (_context, { kind }) => (kind === "RefreshToken" ? 10_800 : 256) },
      claims: { openid: ["sub", "groups"] },
      findAccount: (_context, id) => ({ accountId: id, claims: () => ({ sub: id, groups }) }),
    },
  });
  await site.signIn();
  site.restart();
  assert.equal((await site.token()).account.subject, "ann");
  for (const [name, value] of site.browser.cookies) assert.ok(name.length + value.length < 4096, name);
  const response = await site.browser.post(`${site.url}/session/sign-out`);
  const { searchParams } = new URL(((await response.json()) as { location: string }).location);
  assert.equal(searchParams.has("id_token_hint"), false);
  assert.equal(searchParams.get("client_id"), "web");
});
