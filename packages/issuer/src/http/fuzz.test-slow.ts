import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import {
  formAction,
  newFlow,
  phrase,
  refresh,
  serveIssuer,
  signIn,
} from "../testing/served-issuer.testing.ts";
import { openTestBrowser } from "../testing/test-browser.testing.ts";

const requests = 1000;

const names = [
  "client_id",
  "redirect_uri",
  "response_type",
  "response_mode",
  "scope",
  "state",
  "nonce",
  "prompt",
  "max_age",
  "code_challenge",
  "code_challenge_method",
  "id_token_hint",
  "login_hint",
  "claims",
  "acr_values",
  "resource",
  "request",
  "request_uri",
  "grant_type",
  "code",
  "code_verifier",
  "refresh_token",
  "token",
  "token_type_hint",
  "post_logout_redirect_uri",
  "xsrf",
  "logout",
  "email",
  "password",
  "password-again",
  "name",
  "answer",
  "__proto__",
  "constructor",
] as const;

const text = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.constantFrom(
    "stowage-web",
    "stowage-cli",
    "code",
    "openid",
    "none",
    "login",
    "create consent",
    "S256",
    "authorization_code",
    "refresh_token",
    "yes",
    "%00",
    "%ff%fe",
    "[object Object]",
    "__proto__",
    "e30.e30.e30",
    "-1",
    "1e99",
    "ann@example.com",
    phrase,
    "9".repeat(5000),
    "\u202e\u0000\ud800",
  ),
);

const pairs = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...names), fc.string({ maxLength: 12 })), text), {
  maxLength: 12,
});

const path = fc.oneof(
  {
    arbitrary: fc.constantFrom(
      "/auth",
      "/token",
      "/revocation",
      "/end-session",
      "/end-session/confirm",
      "/end-session/success",
    ),
    weight: 6,
  },
  {
    arbitrary: fc.constantFrom(
      "/interaction/UID",
      "/interaction/UID/sign-in",
      "/interaction/UID/sign-up",
      "/interaction/UID/confirm",
      "/auth/UID",
      "/sign-up/INVITE",
    ),
    weight: 6,
  },
  {
    arbitrary: fc.constantFrom(
      "/jwks",
      "/.well-known/openid-configuration",
      "",
      "/",
      "//",
      "/auth/",
      "/auth//x",
      "/%2e%2e/auth",
      "/auth/%ff",
      "/interaction/%00",
    ),
    weight: 2,
  },
  {
    arbitrary: fc
      .string({ maxLength: 20 })
      .map((each) => `/${encodeURIComponent(each.isWellFormed() ? each : "x")}`),
    weight: 1,
  },
);

const headers = fc.dictionary(
  fc.constantFrom(
    "accept",
    "cookie",
    "authorization",
    "content-type",
    "origin",
    "dpop",
    "x-forwarded-host",
    "accept-language",
    "if-none-match",
    "sec-fetch-site",
  ),
  fc.oneof(
    fc.constantFrom(
      "*/*",
      "application/json",
      "text/html",
      "Bearer x",
      "Basic eDp5",
      "DPoP x",
      "null",
      "same-origin",
      "application/x-www-form-urlencoded;charset=utf-16",
      "a=b; stowage-issuer=x",
    ),
    fc.string({ maxLength: 30 }).map((each) => each.replaceAll(/[^\x20-\x7e]/g, "")),
  ),
);

/** Forms as they are, half of an escape included; URLSearchParams would make all of them well-formed. */
const encode = (list: readonly (readonly [string, string])[]): string =>
  list.map(([name, value]) => `${safely(name)}=${value.startsWith("%") ? value : safely(value)}`).join("&");

const safely = (value: string): string =>
  encodeURIComponent(value.isWellFormed() ? value : value.toWellFormed());

test(`${requests} requests of any kind are all answered, none by a failure of ours`, async (t) => {
  const served = await serveIssuer(t);
  await served.issuer.addAccount({ email: "ann@example.com", password: phrase });
  const browser = openTestBrowser();
  const action = await formAction(
    await browser.follow(await browser.get(newFlow(served).url), served.issuerUrl),
  );
  const uid = /interaction\/([\w-]+)/.exec(action)?.[1] ?? "";
  const { token } = await served.issuer.invite({ expiresInSeconds: 600 });
  const jar = browser.cookies.map(({ name, value }) => `${name}=${value}`).join("; ");

  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("GET", "POST", "POST", "HEAD", "PUT", "DELETE", "OPTIONS"),
      path,
      pairs,
      pairs,
      headers,
      fc.boolean(),
      async (method, below, query, form, extra, hasCookies) => {
        const target = below.replace("UID", uid).replace("INVITE", token);
        const response = await fetch(`${served.issuerUrl}${target}?${encode(query)}`, {
          method,
          redirect: "manual",
          headers: {
            "content-type": "application/x-www-form-urlencoded",
            ...(hasCookies && { cookie: jar }),
            ...extra,
          },
          ...(method === "POST" && { body: encode(form) }),
        });
        await response.arrayBuffer();
        assert.ok(response.status < 500, `${method} ${target} ${response.status}`);
      },
    ),
    { numRuns: requests },
  );
  assert.deepEqual(
    served.events.filter(({ type }) => type === "error"),
    [],
  );
  // And it still does what it is for.
  await served.issuer.addAccount({ email: "bob@example.com", password: phrase });
  assert.ok(
    (await signIn(served, openTestBrowser(), newFlow(served), { email: "bob@example.com" })).get("code"),
  );
  assert.equal((await refresh(served, "none")).status, 400);
});

test("what is hardly HTTP is answered or closed, and the next request is served", async (t) => {
  const served = await serveIssuer(t);
  for (const text of [
    "GET http://evil.example/oidc/auth HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
    "GET /oidc/auth?a=%zz&%=% HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "GET /oidc/auth HTTP/1.1\r\nHost: x\r\nCookie: =; ;;; a\r\nConnection: close\r\n\r\n",
    "GET /oidc/auth HTTP/1.1\r\nHost: [::bad\r\nConnection: close\r\n\r\n",
    "GET /oidc/auth HTTP/1.0\r\n\r\n",
    "POST /oidc/token HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "POST /oidc/token HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Type: application/x-www-form-urlencoded; charset=nonsense\r\nConnection: close\r\n\r\na=b&c",
    "POST /oidc/token HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Type: application/x-www-form-urlencoded\r\nConnection: close\r\n\r\n3\r\na=b\r\n0\r\n\r\n",
    "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    "GET /oidc/\u0080 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
  ]) {
    const socket = connect(served.port, "localhost");
    t.after(() => socket.destroy());
    socket.end(text);
    let answer = "";
    for await (const piece of socket) answer += piece;
    assert.doesNotMatch(answer, /^HTTP\/1\.1 5/, text);
    assert.doesNotMatch(answer, /evil/, text);
  }
  assert.equal((await fetch(`${served.issuerUrl}/jwks`)).status, 200);
  assert.deepEqual(
    served.events.filter(({ type }) => type === "error"),
    [],
  );
});
