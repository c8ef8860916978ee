import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestIssuerOptions } from "./test-issuer.testing.ts";
import { startTestSite } from "./test-site.testing.ts";

interface Flavour extends TestIssuerOptions {
  readonly rotates: boolean;
  readonly ends?: string;
  readonly userinfo: string;
  /** How the client says who it is: by a header, or in the body. */
  readonly authorization: RegExp | undefined;
}

const issuers: Readonly<Record<string, Flavour>> = {
  "a public client, RS256, rotated refresh tokens, claims in the ID token": {
    configuration: { rotateRefreshToken: true },
    rotates: true,
    ends: "/session/end",
    userinfo: "/me",
    authorization: undefined,
  },
  "a confidential client (client_secret_basic), ES256, other paths, one refresh token for good, claims at UserInfo, no sign-out":
    {
      path: "/realms/one",
      clientId: "Stowage & Co: web",
      client: {
        client_secret: "a secret: with % signs & colons +",
        token_endpoint_auth_method: "client_secret_basic",
      },
      algorithm: "ES256",
      configuration: {
        rotateRefreshToken: false,
        conformIdTokenClaims: true,
        clientAuthMethods: ["client_secret_basic", "client_secret_post", "none"],
        routes: {
          authorization: "/protocol/auth",
          token: "/protocol/token",
          jwks: "/protocol/certs",
          userinfo: "/protocol/userinfo",
          revocation: "/protocol/revoke",
        },
        features: { rpInitiatedLogout: { enabled: false } },
      },
      rotates: false,
      userinfo: "/protocol/userinfo",
      authorization: /^Basic /,
    },
  "a confidential client (client_secret_post), PS256, no revocation": {
    client: { client_secret: "another secret", token_endpoint_auth_method: "client_secret_post" },
    algorithm: "PS256",
    configuration: {
      clientAuthMethods: ["client_secret_post"],
      rotateRefreshToken: true,
      features: { revocation: { enabled: false } },
    },
    rotates: true,
    ends: "/session/end",
    userinfo: "/me",
    authorization: undefined,
  },
};

for (const [name, { rotates, ends, userinfo, authorization, ...options }] of Object.entries(issuers))
  test(`a person signs in, stays signed in, and signs out at ${name}`, async (t) => {
    const site = await startTestSite(t, options);
    const { issuer, browser, clock } = site;
    const who = (token: string) =>
      fetch(`${issuer.url}${userinfo}`, { headers: { authorization: `Bearer ${token}` } });
    const sessionCookie = () =>
      [...browser.cookies].find(([each]) => each.startsWith("stowage-session"))?.[1];

    const authorizations = new Set<string | undefined>();
    issuer.intercept = ({ method, headers }) => {
      if (method === "POST") authorizations.add(headers.authorization);
      return false;
    };
    assert.equal((await site.askToken()).status, 204);
    assert.equal((await site.signIn("ann")).href, `${site.url}/photos`);
    const first = await site.token();
    assert.deepEqual(first.account, { subject: "ann", email: "ann@example.com", name: "ann of Example" });
    assert.ok(first.expiresInSeconds > 590 && first.expiresInSeconds <= 600, `${first.expiresInSeconds}`);
    assert.equal(((await (await who(first.accessToken)).json()) as { sub: string }).sub, "ann");

    const cookie = sessionCookie();
    clock.aheadMs += 301_000;
    const second = await site.token();
    assert.notEqual(second.accessToken, first.accessToken);
    assert.deepEqual(second.account, first.account);
    assert.equal(sessionCookie() !== cookie, rotates);

    // Another process, with the same key.
    site.restart();
    const third = await site.token();
    assert.deepEqual(third.account, first.account);
    assert.equal((await who(third.accessToken)).status, 200);

    const response = await browser.post(`${site.url}/session/sign-out`);
    assert.equal(response.status, 200);
    const { location } = (await response.json()) as { location: string };
    const next = new URL(location, site.url);
    if (ends === undefined) assert.equal(location, "/");
    else {
      assert.equal(next.origin + next.pathname, `${issuer.url}${ends}`);
      assert.equal(next.searchParams.get("post_logout_redirect_uri"), `${site.url}/`);
      assert.equal(next.searchParams.get("logout_uri"), `${site.url}/`);
      assert.equal(next.searchParams.get("client_id"), issuer.clientId);
      assert.ok(next.searchParams.get("id_token_hint"));
    }
    assert.equal((await site.askToken()).status, 204);
    assert.deepEqual(
      [...browser.cookies.keys()].filter((each) => each.startsWith("stowage")),
      [],
    );
    const revokes = issuer.requests.some((each) => /revo/.test(each));
    assert.equal((await who(third.accessToken)).status, revokes ? 401 : 200);
    assert.deepEqual(site.log, []);
    const [only, ...others] = authorizations;
    assert.deepEqual(others, []);
    if (authorization === undefined) assert.equal(only, undefined);
    else assert.match(only ?? "", authorization);
  });

test("an issuer under another name than its metadata's signs nobody in", async (t) => {
  const site = await startTestSite(t);
  site.restart({ issuer: site.issuer.url.replace("localhost", "127.0.0.1") });
  const response = await site.browser.get(`${site.url}/session/sign-in`);
  assert.equal(response.headers.get("location"), "/?sign-in=failed");
  assert.match(site.log.join(), /issuer does not match/);
});

test("an issuer without refresh tokens signs nobody in, and the log says what to change", async (t) => {
  const site = await startTestSite(t, { configuration: { issueRefreshToken: () => false } });
  assert.equal((await site.signIn()).href, `${site.url}/?sign-in=failed`);
  assert.match(site.log.join(), /no refresh token for the scope/);
});

test("a client that the issuer does not know is told to the operator, not taken for signed out", async (t) => {
  const site = await startTestSite(t, {
    client: { client_secret: "right", token_endpoint_auth_method: "client_secret_basic" },
  });
  await site.signIn();
  site.restart({ clientSecret: "wrong" });
  assert.equal((await site.askToken()).status, 503);
  assert.match(site.log.join(), /misconfigured.*401/);
  site.restart();
  assert.equal((await site.askToken()).status, 200);
});

test("what an issuer says of a failure is logged in one plain line", async (t) => {
  const site = await startTestSite(t);
  await site.signIn();
  site.clock.aheadMs += 301_000;
  site.issuer.intercept = (_request, response) => {
    const error_description = `no\r\n\u001b[31m${"x".repeat(1000)}`;
    response
      .writeHead(400, { "content-type": "application/json" })
      .end(JSON.stringify({ error: "unauthorized_client", error_description }));
    return true;
  };
  assert.equal((await site.askToken()).status, 503);
  const { message } = JSON.parse(site.log.join()) as { message: string };
  assert.match(
    message,
    /^refreshing: the issuer answered 400 \(unauthorized_client\) \(no\?\?\?\[31mx{191}\)\.$/,
  );
});

test("sign-up is asked for where the issuer says that it has one", async (t) => {
  const site = await startTestSite(t, {
    configuration: { discovery: { prompt_values_supported: ["create"] } },
  });
  const promptAfter = async (query: string) => {
    const { headers } = await site.browser.get(`${site.url}/session/sign-in${query}`);
    return new URL(headers.get("location") ?? "").searchParams.get("prompt");
  };
  assert.equal(await promptAfter("?create=1"), "create");
  assert.equal(await promptAfter("?create=0"), null);
  assert.equal(await promptAfter(""), null);
  const other = await startTestSite(t);
  const { headers } = await other.browser.get(`${other.url}/session/sign-in?create=1`);
  assert.equal(new URL(headers.get("location") ?? "").searchParams.get("prompt"), null);
});

test("an issuer gets the resource and its own parameters, and can't lose the protocol's by them", async (t) => {
  const site = await startTestSite(t, {
    session: {
      resource: "https://files.example",
      authorizationParameters: { audience: "https://api.example", state: "fixed", code_challenge: "fixed" },
    },
  });
  const { headers } = await site.browser.get(`${site.url}/session/sign-in`);
  const { searchParams } = new URL(headers.get("location") ?? "");
  assert.equal(searchParams.get("audience"), "https://api.example");
  assert.equal(searchParams.get("resource"), "https://files.example");
  assert.equal(searchParams.get("code_challenge_method"), "S256");
  for (const name of ["state", "nonce", "code_challenge"])
    assert.match(searchParams.get(name) ?? "", /^[\w-]{43}$/, name);
});
