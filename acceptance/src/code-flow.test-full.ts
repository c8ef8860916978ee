import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createApi } from "./harness/api-client.ts";
import {
  askTokenEndpoint,
  authorizationUrl,
  authorize,
  challengeOf,
  cliRedirect,
  type FlowSecrets,
  makeFlowSecrets,
  randomText,
} from "./harness/code-flow.ts";
import { runCli } from "./harness/run-cli.ts";
import { createScriptLessBrowser, type ScriptLessBrowser } from "./harness/script-less-browser.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { waitUntil } from "./harness/wait-for.ts";
import { newAccount } from "./harness/web-page.ts";

const account = newAccount("Vera");
let server: Server;

before(async () => {
  server = await startServer();
  const added = await runCli(["user", "add", account.email, "--password-stdin", "--data", server.dataDir], {
    stdin: `${account.password}\n`,
  });
  assert.equal(added.status, 0, added.stderr);
});
after(() => server.stop());

/** Signs in in a browser of its own, with what comes by one path of ours bent once. */
async function signInBent(
  pathname?: string,
  bend?: (url: URL) => void,
): Promise<{ readonly url: URL; readonly isSignedIn: boolean }> {
  const browser = createScriptLessBrowser(server.web);
  let isBent = bend === undefined;
  const last = await browser.signIn(account, (url) => {
    if (isBent || url.pathname !== pathname) return url;
    isBent = true;
    bend?.(url);
    return url;
  });
  assert.ok(isBent, `nothing went by ${pathname}`);
  return { url: last.url, isSignedIn: (await browser.askForToken()).status === 200 };
}

test("a sign-in whose state, issuer, code, nonce or challenge was changed on the way ends in nothing", async () => {
  assert.equal((await signInBent()).isSignedIn, true, "unbent, it signs in");
  const answer = "/session/callback";
  const request = "/oidc/auth";
  const change = (name: string, value: string | undefined) => (url: URL) =>
    value === undefined ? url.searchParams.delete(name) : url.searchParams.set(name, value);
  const bends: readonly (readonly [what: string, pathname: string, bend: (url: URL) => void])[] = [
    ["the state in the answer", answer, change("state", randomText())],
    ["no state in the answer", answer, change("state", undefined)],
    ["the issuer in the answer", answer, change("iss", "https://issuer.example")],
    ["no issuer in the answer", answer, change("iss", undefined)],
    ["the code in the answer", answer, change("code", randomText())],
    ["no code in the answer", answer, change("code", undefined)],
    ["an error beside the code", answer, change("error", "access_denied")],
    ["a second state", answer, (url) => url.searchParams.append("state", "other")],
    ["the state in the request", request, change("state", randomText())],
    ["the nonce in the request", request, change("nonce", randomText())],
    ["the challenge in the request", request, change("code_challenge", challengeOf(randomText()))],
  ];
  for (const [what, pathname, bend] of bends) {
    const { url, isSignedIn } = await signInBent(pathname, bend);
    assert.equal(isSignedIn, false, `${what}: signed in all the same`);
    assert.match(url.searchParams.get("sign-in") ?? "", /^(failed|expired|refused)$/, `${what}: ${url}`);
    assert.equal(url.origin, server.web, what);
  }
});

test("a callback works in the browser that began it alone, and never twice", async () => {
  const victim = createScriptLessBrowser(server.web);
  const held = await victim.signIn(account, (url) =>
    url.pathname === "/session/callback" ? undefined : url,
  );
  const callback = held.location;
  assert.ok(callback, `the flow ended at ${held.url}`);
  assert.notEqual(callback.searchParams.get("code"), null);

  const thief = createScriptLessBrowser(server.web);
  assert.match((await thief.follow(callback)).url.search, /sign-in=(expired|failed)/);
  assert.equal((await thief.askForToken()).status, 204, "a code works in another browser");

  const cookies = new Map(victim.cookies);
  await victim.follow(callback);
  assert.equal((await victim.askForToken()).status, 200, "it works where it began");
  // Its own browser again, as it was before.
  const again = createScriptLessBrowser(server.web);
  for (const [name, value] of cookies) again.keep(name, value);
  await again.follow(callback);
  assert.equal((await again.askForToken()).status, 204, "a callback works twice");
});

test("the way back leads to our own pages only", async () => {
  const { web } = server;
  const targets = [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "/@evil.example\r\nx: y",
  ];
  for (const target of targets) {
    const browser = createScriptLessBrowser(web);
    const last = await browser.signIn(
      account,
      (url) => {
        assert.equal(url.origin, web, target);
        return url;
      },
      `/session/sign-in?return=${encodeURIComponent(target)}`,
    );
    assert.equal(last.url.origin, web, target);
    assert.equal((await browser.askForToken()).status, 200, target);
  }
  const inside = await createScriptLessBrowser(web).signIn(
    account,
    undefined,
    "/session/sign-in?return=%2Ftrash",
  );
  assert.equal(inside.url.pathname, "/trash");
});

test("the issuer takes no request of a client without challenge and nonce, and redirects nowhere else", async () => {
  const { issuer, web } = server;
  const browser = createScriptLessBrowser(web);
  await browser.signIn(account);
  const asWeb = {
    client_id: "stowage-web",
    redirect_uri: `${web}/session/callback`,
    scope: "openid email profile offline_access files:read",
  };
  const sound = await browser.follow(authorizationUrl(issuer, makeFlowSecrets(), asWeb), (url) =>
    url.pathname === "/session/callback" ? undefined : url,
  );
  assert.ok(sound.location?.searchParams.has("code"), "a sound request is answered");
  const unchallenged = { code_challenge: undefined, code_challenge_method: undefined };
  const refused: readonly (readonly [what: string, over: Readonly<Record<string, string | undefined>>])[] = [
    ["no challenge", { ...asWeb, ...unchallenged }],
    ["a plain challenge", { ...asWeb, code_challenge_method: "plain" }],
    ["no nonce", { ...asWeb, nonce: undefined }],
    ["the implicit flow", { ...asWeb, response_type: "id_token token" }],
    ["the hybrid flow", { ...asWeb, response_type: "code id_token" }],
    ["no challenge, as the command line", unchallenged],
    ["an unknown client", { client_id: "nobody" }],
    ["another address", { ...asWeb, redirect_uri: "https://evil.example/session/callback" }],
    ["another path", { ...asWeb, redirect_uri: `${web}/other` }],
    ["another host, as the command line", { redirect_uri: "http://127.0.0.1.evil.example/callback" }],
    ["another path, as the command line", { redirect_uri: "http://127.0.0.1:9/other" }],
    ["another's scheme", { ...asWeb, redirect_uri: "javascript:alert(1)" }],
  ];
  for (const [what, over] of refused) {
    const isOurs = (url: URL) => url.origin === web && url.pathname.startsWith("/oidc");
    const last = await browser.follow(authorizationUrl(issuer, makeFlowSecrets(), over), (url) =>
      isOurs(url) ? url : undefined,
    );
    const location = last.location?.href ?? "";
    assert.doesNotMatch(location, /[?&#](code|access_token|id_token)=/, what);
    assert.doesNotMatch(location, /evil\.example|\/other|javascript/, what);
    assert.ok(last.status >= 400 || /[?&#]error=/.test(location), `${what}: ${last.status} ${location}`);
  }
});

/** Signs the command line in, by hand. */
async function signInByHand(
  browser: ScriptLessBrowser,
): Promise<{ readonly code: string; readonly secrets: FlowSecrets }> {
  const secrets = makeFlowSecrets();
  const answer = await authorize(browser, authorizationUrl(server.issuer, secrets));
  assert.equal(answer.searchParams.get("state"), secrets.state);
  assert.equal(answer.searchParams.get("iss"), server.issuer);
  return { code: answer.searchParams.get("code") ?? "", secrets };
}

async function openSignedIn(): Promise<ScriptLessBrowser> {
  const browser = createScriptLessBrowser(server.web);
  await browser.signIn(account);
  return browser;
}

const redeem = (code: string, verifier: string | undefined) =>
  askTokenEndpoint(server.issuer, {
    grant_type: "authorization_code",
    code,
    redirect_uri: cliRedirect,
    ...(verifier === undefined ? {} : { code_verifier: verifier }),
  });

const refresh = (token: string) =>
  askTokenEndpoint(server.issuer, { grant_type: "refresh_token", refresh_token: token });

test("a code is worth nothing without its verifier, and works once", async () => {
  const browser = await openSignedIn();
  const bent = await signInByHand(browser);
  assert.equal((await redeem(bent.code, undefined)).status, 400, "without a verifier");
  const wrong = await signInByHand(browser);
  assert.equal((await redeem(wrong.code, makeFlowSecrets().verifier)).body.error, "invalid_grant");

  const sound = await signInByHand(browser);
  const first = await redeem(sound.code, sound.secrets.verifier);
  assert.equal(first.status, 200, JSON.stringify(first.body));
  const api = createApi(server.api, first.body.access_token);
  assert.equal((await api.get("/v1/me")).status, 200);
  assert.equal((await createApi(server.api, first.body.id_token).get("/v1/me")).status, 401, "an ID token");
  assert.equal((await redeem(sound.code, sound.secrets.verifier)).status, 400, "a code works twice");
  // RFC 9700 §4.5: whoever has a code a second time may have got the tokens of the first.
  assert.equal((await refresh(first.body.refresh_token ?? "")).status, 400, "its refresh token lives on");
});

test("a refresh token that comes back within half a minute is forgiven; later it ends its whole family", async () => {
  const browser = await openSignedIn();
  const { code, secrets } = await signInByHand(browser);
  const first = (await redeem(code, secrets.verifier)).body.refresh_token ?? "";
  const second = (await refresh(first)).body.refresh_token ?? "";
  const usedAtMs = Date.now();
  assert.notEqual(second, "");
  assert.notEqual(second, first, "it is not rotated");
  const forgiven = await refresh(first);
  assert.equal(forgiven.status, 200, "a lost answer signs somebody out");
  const newest = (await refresh(second)).body.refresh_token ?? "";
  assert.notEqual(newest, "");
  await waitUntil(usedAtMs + 31_000);
  const late = await refresh(first);
  assert.equal(late.body.error, "invalid_grant", "a stolen refresh token works");
  for (const token of [newest, second, forgiven.body.refresh_token ?? ""])
    assert.equal((await refresh(token)).body.error, "invalid_grant", "the family lives on");
  // Another sign-in of the same person is another family.
  const other = await signInByHand(browser);
  assert.equal((await redeem(other.code, other.secrets.verifier)).status, 200);
  assert.equal((await browser.askForToken()).status, 200, "the page is signed out with it");
});
