import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  exchangeCode,
  newFlow,
  phrase,
  refresh,
  serveIssuer,
  signIn,
} from "../testing/served-issuer.testing.ts";
import { openTestBrowser, type TestBrowser } from "../testing/test-browser.testing.ts";

async function signedIn(t: TestContext) {
  const served = await serveIssuer(t);
  for (const email of ["ann@example.com", "bob@example.com"])
    await served.issuer.addAccount({ email, password: phrase });
  const signInAs = async (email: string) => {
    const browser = openTestBrowser();
    const flow = newFlow(served);
    const answer = await signIn(served, browser, flow, { email });
    return { browser, tokens: (await exchangeCode(served, flow, answer.get("code") ?? "")).body };
  };
  const home = `${served.origin}/`;
  const leave = (browser: TestBrowser, parameters: Record<string, string>) =>
    browser.get(`${served.issuerUrl}/end-session?${new URLSearchParams(parameters)}`);
  const isSignedIn = async (browser: TestBrowser) => {
    const response = await browser.get(newFlow(served, { prompt: "none" }).url);
    return new URL(response.headers.get("location") ?? "").searchParams.has("code");
  };
  return { served, signInAs, home, leave, isSignedIn };
}

test("with the person's own ID token the browser is signed out at once and led back, state and all", async (t) => {
  const { served, signInAs, home, leave, isSignedIn } = await signedIn(t);
  const { browser, tokens } = await signInAs("ann@example.com");
  const other = await signInAs("ann@example.com");
  assert.equal(await isSignedIn(browser), true);
  const hint = tokens.id_token ?? "";
  const response = await leave(browser, {
    id_token_hint: hint,
    post_logout_redirect_uri: home,
    state: "s 1",
  });
  assert.equal(response.status, 303);
  assert.equal(response.headers.get("location"), `${home}?state=s+1`);
  assert.ok(!browser.cookies.some(({ name }) => name.startsWith("stowage-issuer")));
  assert.equal(await isSignedIn(browser), false);
  assert.equal(await isSignedIn(other.browser), true, "another browser stays");
  // What was asked for to be kept offline is: whoever has it revokes it.
  assert.equal((await refresh(served, tokens.refresh_token ?? "")).status, 200);
  // A second time it only leads back.
  const again = await leave(browser, { id_token_hint: hint, post_logout_redirect_uri: home });
  assert.equal(again.headers.get("location"), home);
});

test("without it, or with another's, the person is asked, and stays signed in until they say yes", async (t) => {
  const { served, signInAs, home, leave, isSignedIn } = await signedIn(t);
  const { browser } = await signInAs("ann@example.com");
  const bob = await signInAs("bob@example.com");
  for (const parameters of [
    {},
    { client_id: "stowage-web", post_logout_redirect_uri: home },
    { id_token_hint: bob.tokens.id_token ?? "", post_logout_redirect_uri: home },
  ]) {
    const page = await leave(browser, parameters);
    assert.equal(page.status, 200);
    const text = await page.text();
    assert.match(text, /<h1>Sign out\?<\/h1>/);
    assert.match(text, /ann@example\.com/);
    assert.equal(await isSignedIn(browser), true);
  }
  const page = await leave(browser, { client_id: "stowage-web", post_logout_redirect_uri: home, state: "x" });
  const [, xsrf = ""] = /name="xsrf" value="([^"]+)"/.exec(await page.text()) ?? [];
  const confirm = `${served.issuerUrl}/end-session/confirm`;
  assert.equal((await browser.post(confirm, { xsrf: "forged", logout: "yes" })).status, 400);
  assert.equal(await isSignedIn(browser), true);
  const stay = await browser.post(confirm, { xsrf });
  assert.equal(stay.headers.get("location"), `${home}?state=x`);

  const second = await leave(browser, { client_id: "stowage-web", post_logout_redirect_uri: home });
  const [, secret = ""] = /name="xsrf" value="([^"]+)"/.exec(await second.text()) ?? [];
  const done = await browser.post(confirm, { xsrf: secret, logout: "yes" });
  assert.equal(done.status, 303);
  assert.equal(done.headers.get("location"), home);
  assert.equal(await isSignedIn(browser), false);
});

test("who is not signed in is not asked; without a client there is a page of ours at the end", async (t) => {
  const { served, home, leave } = await signedIn(t);
  const led = await leave(openTestBrowser(), { client_id: "stowage-web", post_logout_redirect_uri: home });
  assert.equal(led.status, 303);
  assert.equal(led.headers.get("location"), home);
  const browser = openTestBrowser();
  const page = await browser.follow(await leave(browser, {}), served.origin);
  assert.match(await page.text(), /<h1>You are signed out<\/h1>/);
});

test("nobody is led to an address that is not registered", async (t) => {
  const { served, signInAs, leave } = await signedIn(t);
  const { browser, tokens } = await signInAs("ann@example.com");
  const evil = "https://evil.example/";
  for (const parameters of [
    { id_token_hint: tokens.id_token ?? "", post_logout_redirect_uri: evil },
    { client_id: "stowage-web", post_logout_redirect_uri: evil },
    { client_id: "stowage-web", post_logout_redirect_uri: `${served.origin}/elsewhere` },
    { client_id: "stowage-cli", post_logout_redirect_uri: "http://127.0.0.1:5/callback" },
    { client_id: "nobody", post_logout_redirect_uri: evil },
    { id_token_hint: "nonsense", post_logout_redirect_uri: evil },
    { id_token_hint: tokens.access_token ?? "", post_logout_redirect_uri: evil },
  ]) {
    const response = await leave(browser, parameters);
    assert.equal(response.status, 400, JSON.stringify(parameters));
    assert.equal(response.headers.get("location"), null);
  }
  // Without a client it means nothing.
  const page = await leave(browser, { post_logout_redirect_uri: evil });
  assert.doesNotMatch(await page.text(), /evil/);
});

test("another site's page that sends a browser here signs nobody out by that", async (t) => {
  const { served, signInAs, isSignedIn } = await signedIn(t);
  const { browser } = await signInAs("ann@example.com");
  await fetch(`${served.issuerUrl}/end-session`, { method: "POST" });
  await browser.post(
    `${served.issuerUrl}/end-session/confirm`,
    { logout: "yes" },
    { origin: "https://evil.example" },
  );
  assert.equal(await isSignedIn(browser), true);
});
