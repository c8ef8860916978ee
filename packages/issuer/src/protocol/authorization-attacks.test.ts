import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  askToken,
  clientAnswer,
  cliRedirect,
  exchangeCode,
  formAction,
  newFlow,
  phrase,
  refresh,
  serveIssuer,
  signIn,
} from "../testing/served-issuer.testing.ts";
import { openTestBrowser } from "../testing/test-browser.testing.ts";

async function withAnn(t: TestContext) {
  const served = await serveIssuer(t);
  await served.issuer.addAccount({ email: "ann@example.com", password: phrase });
  const browser = openTestBrowser();
  await signIn(served, browser, newFlow(served));
  /** What a request by somebody who is signed in comes to. */
  const ask = async (changes: Record<string, string | undefined>) => {
    const response = await browser.get(newFlow(served, changes).url);
    const location = response.headers.get("location");
    return {
      status: response.status,
      location,
      answer: location === null ? undefined : new URL(location, served.issuerUrl).searchParams,
      text: await response.text(),
    };
  };
  return { served, browser, ask };
}

test("a request that is not the code flow with PKCE by S256 gets an error at the client's address, and its state back", async (t) => {
  const { ask } = await withAnn(t);
  const requests: [what: string, changes: Record<string, string | undefined>, error: string][] = [
    ["no challenge", { code_challenge: undefined, code_challenge_method: undefined }, "invalid_request"],
    ["a plain challenge", { code_challenge_method: "plain" }, "invalid_request"],
    ["no method, which means plain", { code_challenge_method: undefined }, "invalid_request"],
    ["a short challenge", { code_challenge: "short" }, "invalid_request"],
    ["no nonce from the web page", { nonce: undefined }, "invalid_request"],
    ["an empty nonce", { nonce: "" }, "invalid_request"],
    ["token", { response_type: "token" }, "invalid_request"],
    ["id_token", { response_type: "id_token" }, "invalid_request"],
    ["code id_token", { response_type: "code id_token" }, "invalid_request"],
    ["none", { response_type: "none" }, "unsupported_response_type"],
    ["no response type", { response_type: undefined }, "invalid_request"],
    ["an unknown prompt", { prompt: "select_account" }, "invalid_request"],
    ["none and another prompt", { prompt: "none login" }, "invalid_request"],
    ["another resource", { resource: "https://elsewhere.example" }, "invalid_target"],
    ["a request object", { request: "e30.e30." }, "request_not_supported"],
    ["a request URI", { request_uri: "https://elsewhere.example/" }, "request_uri_not_supported"],
    ["a negative age", { max_age: "-1" }, "invalid_request"],
    ["a broken hint", { id_token_hint: "e30.e30.x" }, "invalid_request"],
  ];
  for (const [what, changes, error] of requests) {
    const { status, location, answer } = await ask({ ...changes, state: "kept & safe" });
    assert.equal(status, 303, what);
    assert.match(location ?? "", /\/session\/callback[?#]/, what);
    const parameters = new URLSearchParams((location ?? "").split(/[?#]/)[1]);
    assert.equal(parameters.get("error"), error, `${what}: ${location}`);
    assert.equal(parameters.get("state"), "kept & safe", what);
    assert.equal(answer?.get("code") ?? parameters.get("code"), null, what);
  }
});

test("answers come in the query alone", async (t) => {
  const { ask } = await withAnn(t);
  for (const mode of ["fragment", "form_post", "web_message", "jwt", "query.jwt", "nonsense"]) {
    const { text, location } = await ask({ response_mode: mode });
    assert.ok(!/[?#&]code=/.test(location ?? "") && !text.includes('name="code"'), mode);
  }
  assert.ok((await ask({ response_mode: "query" })).answer?.get("code"));
});

test("an address that is not the client's own, to the letter, is never led to", async (t) => {
  const { served, ask } = await withAnn(t);
  const { webRedirect, origin, port } = served;
  const web = [
    `${webRedirect}/`,
    `${webRedirect}?x=y`,
    `${webRedirect}#x`,
    webRedirect.replace("callback", "Callback"),
    webRedirect.replace("callback", "callback/../sign-in"),
    webRedirect.replace("/session/", "//session/"),
    webRedirect.replace(`:${port}`, `:${port + 1}`),
    webRedirect.replace(`:${port}`, ""),
    webRedirect.replace("localhost", "127.0.0.1"),
    webRedirect.replace("localhost", "localhost.evil.example"),
    webRedirect.replace("localhost", "ann@localhost"),
    webRedirect.replace("http://", "http://evil.example@"),
    webRedirect.replace("http:", "https:"),
    webRedirect.replace("http://", "http:\\\\"),
    `${origin}/`,
    "https://evil.example/session/callback",
    "//evil.example/session/callback",
    "javascript:alert(1)",
    "data:text/html,x",
    ` ${webRedirect}`,
    "",
  ];
  for (const redirect_uri of web) {
    const { status, location, text } = await ask({ redirect_uri });
    assert.equal(status, 400, redirect_uri);
    assert.equal(location, null, redirect_uri);
    assert.ok(!text.includes("<b") || !text.includes("javascript:"), redirect_uri);
  }
  const cli = [
    "http://127.0.0.1:49152/other",
    "http://127.0.0.1:49152/callback/",
    "http://127.0.0.1:49152/callback?x=y",
    "http://localhost:49152/callback",
    "http://[::1]:49152/callback",
    "http://127.0.0.2:49152/callback",
    "https://127.0.0.1:49152/callback",
    "http://ann@127.0.0.1:49152/callback",
    "http://127.0.0.1.evil.example:49152/callback",
    "http://evil.example:49152/callback",
    "http://2130706433:49152/callback",
    webRedirect,
  ];
  for (const redirect_uri of cli) {
    const { status, location } = await ask({ client_id: "stowage-cli", redirect_uri });
    assert.equal(status, 400, redirect_uri);
    assert.equal(location, null, redirect_uri);
  }
  for (const port of [1, 80, 49152, 65_535])
    assert.match(
      (await ask({ client_id: "stowage-cli", redirect_uri: `http://127.0.0.1:${port}/callback` })).location ??
        "",
      /\/oidc\/interaction\//,
    );
});

test("an unknown client is shown a page, and led nowhere", async (t) => {
  const { ask } = await withAnn(t);
  for (const client_id of [
    "nobody",
    "",
    undefined,
    "stowage-web ",
    "__proto__",
    "constructor",
    "https://evil.example/",
  ]) {
    const { status, location, text } = await ask({ client_id });
    assert.equal(status, 400, String(client_id));
    assert.equal(location, null);
    assert.match(text, /<h1>This request can’t be answered<\/h1>/);
  }
});

test("a parameter that comes twice is refused", async (t) => {
  const { served, browser } = await withAnn(t);
  for (const name of ["redirect_uri", "client_id", "state", "code_challenge", "scope", "nonce", "prompt"]) {
    const response = await browser.get(`${newFlow(served).url}&${name}=second`);
    const { searchParams } = new URL(response.headers.get("location") ?? served.origin);
    assert.ok(response.status === 400 || searchParams.get("error") === "invalid_request", name);
    assert.equal(searchParams.get("code"), null);
  }
});

test("prompt=none never shows a page: a code for who is signed in, an error for others and for the command line", async (t) => {
  const { served, ask } = await withAnn(t);
  assert.ok((await ask({ prompt: "none" })).answer?.get("code"));
  const stranger = await openTestBrowser().get(newFlow(served, { prompt: "none" }).url);
  assert.equal(clientAnswer(stranger).get("error"), "login_required");
  const cli = await ask({ prompt: "none", client_id: "stowage-cli" });
  assert.equal(cli.answer?.get("error"), "interaction_required");
});

test("prompt=login asks again who is signed in, and a great age of the sign-in too", async (t) => {
  const { served, browser } = await withAnn(t);
  for (const changes of [{ prompt: "login" }, { max_age: "0" }]) {
    const flow = newFlow(served, changes);
    const page = await browser.follow(await browser.get(flow.url), served.issuerUrl);
    assert.match(await page.clone().text(), /<h1>Sign in<\/h1>/);
    const answer = await browser.post(await formAction(page), { email: "ann@example.com", password: phrase });
    assert.ok(clientAnswer(await browser.follow(answer, served.issuerUrl)).get("code"));
  }
});

test("who signs in as somebody else ends the session that was there", async (t) => {
  const { served, browser } = await withAnn(t);
  await served.issuer.addAccount({ email: "bob@example.com", password: phrase });
  const flow = newFlow(served, { prompt: "login" });
  const answer = await signIn(served, browser, flow, { email: "bob@example.com" });
  const { body } = await exchangeCode(served, flow, answer.get("code") ?? "");
  const [, payload = ""] = (body.access_token ?? "").split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<string, unknown>;
  assert.equal(claims.email, "bob@example.com");
});

test("a code is good once, for its client, its address and its verifier; a second use ends what the first one got", async (t) => {
  const { served, ask } = await withAnn(t);
  const newCode = async () => {
    const flow = newFlow(served);
    const response = await ask({ ...flow.parameters });
    return { flow, code: response.answer?.get("code") ?? "" };
  };
  const form = ({ flow, code }: Awaited<ReturnType<typeof newCode>>, changes: Record<string, string>) => ({
    grant_type: "authorization_code",
    client_id: "stowage-web",
    redirect_uri: served.webRedirect,
    code,
    code_verifier: flow.codeVerifier,
    ...changes,
  });
  const refused: [what: string, changes: Record<string, string>, error: string][] = [
    ["another verifier", { code_verifier: "x".repeat(43) }, "invalid_grant"],
    ["an empty verifier", { code_verifier: "" }, "invalid_grant"],
    ["another client", { client_id: "stowage-cli" }, "invalid_grant"],
    ["another address", { redirect_uri: cliRedirect }, "invalid_grant"],
    ["no such code", { code: "x".repeat(43) }, "invalid_grant"],
    ["another grant type", { grant_type: "password" }, "unsupported_grant_type"],
    ["client credentials", { grant_type: "client_credentials" }, "unsupported_grant_type"],
    ["no such client", { client_id: "nobody" }, "invalid_client"],
    ["another resource", { resource: "https://elsewhere.example" }, "invalid_target"],
  ];
  for (const [what, changes, error] of refused) {
    const { status, body } = await askToken(served, form(await newCode(), changes));
    assert.ok(status === 400 || status === 401, what);
    assert.equal(body.error, error, what);
    assert.equal(body.access_token, undefined, what);
  }

  const issued = await newCode();
  const first = await askToken(served, form(issued, {}));
  assert.equal(first.status, 200);
  const second = await askToken(served, form(issued, {}));
  assert.equal(second.body.error, "invalid_grant");
  assert.equal((await refresh(served, first.body.refresh_token ?? "")).body.error, "invalid_grant");

  const raced = await newCode();
  const answers = await Promise.all(Array.from({ length: 6 }, () => askToken(served, form(raced, {}))));
  const alive = [];
  for (const { body } of answers)
    if (body.refresh_token !== undefined && (await refresh(served, body.refresh_token)).status === 200)
      alive.push(body.refresh_token);
  assert.ok(alive.length <= 1, `${alive.length} of one code's tokens live`);
});

test("a code lives for a minute", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
  const served = await serveIssuer(t, { now: () => new Date() });
  await served.issuer.addAccount({ email: "ann@example.com", password: phrase });
  const flow = newFlow(served);
  const code = (await signIn(served, openTestBrowser(), flow)).get("code") ?? "";
  t.mock.timers.tick(61_000);
  assert.equal((await exchangeCode(served, flow, code)).body.error, "invalid_grant");
});

test("no scope is had by asking: an operator's by nobody else, none that is unknown, none more at a refresh", async (t) => {
  const { served, ask } = await withAnn(t);
  const scopeOf = async (scope: string) => {
    const flow = newFlow(served, { scope });
    const { answer } = await ask({ ...flow.parameters });
    return (await exchangeCode(served, flow, answer?.get("code") ?? "")).body;
  };
  const asked = await scopeOf("openid offline_access files:read operations:read everything admin *");
  assert.equal(asked.scope, "files:read");
  assert.equal((await scopeOf("openid offline_access")).scope ?? "", "");
  const { status, body } = await askToken(served, {
    grant_type: "refresh_token",
    client_id: "stowage-web",
    refresh_token: asked.refresh_token ?? "",
    scope: "files:read files:write",
  });
  assert.deepEqual([status, body.error], [400, "invalid_scope"]);
  const fewer = await askToken(served, {
    grant_type: "refresh_token",
    client_id: "stowage-web",
    refresh_token: (await scopeOf("openid offline_access files:read files:write")).refresh_token ?? "",
    scope: "files:write",
  });
  assert.equal(fewer.body.scope, "files:write");
});

test("without offline_access there is no refresh token, and without openid no ID token", async (t) => {
  const { served, ask } = await withAnn(t);
  const flow = newFlow(served, { scope: "openid files:read" });
  const { answer } = await ask({ ...flow.parameters });
  const { body } = await exchangeCode(served, flow, answer?.get("code") ?? "");
  assert.ok(body.access_token && body.id_token);
  assert.equal(body.refresh_token, undefined);
});

test("endpoints that change something take no GET, and the token endpoint no page of another origin", async (t) => {
  const { served } = await withAnn(t);
  for (const path of ["/token", "/revocation", "/end-session/confirm"]) {
    const response = await fetch(`${served.issuerUrl}${path}?client_id=stowage-web`, { redirect: "manual" });
    assert.ok(response.status === 404 || response.status === 405, `${path} ${response.status}`);
  }
  assert.equal((await fetch(newFlow(served).url, { method: "POST" })).status, 404);
  for (const method of ["OPTIONS", "POST"]) {
    const response = await fetch(`${served.issuerUrl}/token`, {
      method,
      headers: { Origin: "https://evil.example", "Access-Control-Request-Method": "POST" },
    });
    assert.equal(response.headers.get("access-control-allow-origin"), null, method);
  }
});

test("what the library has besides is not there", async (t) => {
  const { served } = await withAnn(t);
  for (const path of [
    "/request",
    "/reg",
    "/me",
    "/userinfo",
    "/device",
    "/device/auth",
    "/backchannel",
    "/token/introspection",
    "/challenge",
    "/credential",
    "/.well-known/oauth-authorization-server",
  ])
    for (const method of ["GET", "POST"])
      assert.equal((await fetch(`${served.issuerUrl}${path}`, { method })).status, 404, `${method} ${path}`);
});

test("what the request says of its host and protocol changes nothing", async (t) => {
  const { served } = await withAnn(t);
  const { request } = await import("node:http");
  const forged = {
    host: "evil.example",
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "https",
    "x-forwarded-for": "203.0.113.9",
    "x-forwarded-prefix": "/evil",
    forwarded: "host=evil.example;proto=https",
  };
  for (const path of [
    new URL(newFlow(served).url).pathname + new URL(newFlow(served).url).search,
    "/oidc/.well-known/openid-configuration",
    "/oidc/end-session",
    "/oidc/auth/none",
    "/oidc/interaction/none",
  ]) {
    const { headers, text } = await new Promise<{ headers: object; text: string }>((resolve, reject) => {
      request({ host: "localhost", port: served.port, path, headers: forged }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (piece) => {
          text += piece;
        });
        response.on("end", () => resolve({ headers: response.headers, text }));
      })
        .on("error", reject)
        .end();
    });
    const all = JSON.stringify(headers) + text;
    assert.ok(
      !all.includes("evil") && !all.includes("https://") && !/;\s*secure/i.test(all),
      `${path}: ${all}`,
    );
  }
});
