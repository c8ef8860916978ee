import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { NewInvite } from "../index.ts";
import {
  clientAnswer,
  newFlow,
  phrase,
  type ServedIssuer,
  serveIssuer,
} from "../testing/served-issuer.testing.ts";
import { openTestBrowser } from "../testing/test-browser.testing.ts";

const week = 7 * 24 * 3600;

async function invite(served: ServedIssuer, changes: Partial<NewInvite> = {}): Promise<string> {
  const { path } = await served.issuer.invite({ expiresInSeconds: week, ...changes });
  return `${served.issuerUrl}/${path}`;
}

const form = (email: string) => ({ name: "Bob", email, password: phrase, "password-again": phrase });

test("a link makes one account, signs its person in, and is good no more", async (t) => {
  const served = await serveIssuer(t, { signUp: "invited" });
  const url = await invite(served, { email: "bob@example.com", organisation: "Acme" });
  const browser = openTestBrowser();
  for (let look = 0; look < 3; look += 1) {
    const page = await browser.get(url);
    assert.equal(page.status, 200);
    assert.match(await page.text(), /value="bob@example\.com"[^>]* readonly/);
  }
  const answer = await browser.post(url, form("bob@example.com"));
  assert.equal(answer.status, 303);
  assert.equal(answer.headers.get("location"), `${served.origin}/session/sign-in`);
  const bob = served.issuer.findAccount("bob@example.com");
  assert.equal(bob?.organisation, "Acme");
  assert.ok(bob?.signedInAt);

  const silent = await browser.follow(await browser.get(newFlow(served).url), served.issuerUrl);
  assert.ok(clientAnswer(silent).get("code"), "the web page's request is answered without a page");

  const again = await openTestBrowser().post(url, form("eve@example.com"));
  assert.equal(again.status, 404);
  assert.match(await again.text(), /This link no longer works/);
  assert.equal((await openTestBrowser().get(url)).status, 404);
  assert.equal(served.issuer.listAccounts().length, 1);
});

test("of many uses at once one makes an account", async (t) => {
  const served = await serveIssuer(t);
  const url = await invite(served);
  const statuses = await Promise.all(
    Array.from({ length: 6 }, async (_, index) => {
      const response = await openTestBrowser().post(url, form(`p${index}@example.com`));
      return response.status;
    }),
  );
  assert.deepEqual(statuses.sort(), [303, 404, 404, 404, 404, 404]);
  assert.equal(served.issuer.listAccounts().length, 1);
});

test("a mistake on the page uses nothing up", async (t) => {
  const served = await serveIssuer(t);
  await served.issuer.addAccount({ email: "ann@example.com", password: "seven riverboats at dawn" });
  const url = await invite(served);
  const browser = openTestBrowser();
  for (const [change, sentence] of [
    [{ password: "short", "password-again": "short" }, /fewer than 15/],
    [{ email: "ann@example.com" }, /There is an account for this address already/],
  ] as const) {
    const response = await browser.post(url, { ...form("bob@example.com"), ...change });
    assert.equal(response.status, 422);
    assert.match(await response.text(), sentence);
  }
  assert.equal((await browser.post(url, form("bob@example.com"))).status, 303);
});

test("a link for one address is good for no other, and its address counts as verified", async (t) => {
  const served = await serveIssuer(t);
  const url = await invite(served, { email: "bob@example.com" });
  const other = await openTestBrowser().post(url, form("eve@example.com"));
  assert.equal(other.status, 422);
  assert.match(await other.text(), /This link is for bob@example\.com/);
  assert.deepEqual(served.issuer.listAccounts(), []);
  assert.equal((await openTestBrowser().post(url, form("BOB@example.com"))).status, 303);
});

test("a link ends when its time is over, and when a newer one for its address is made", async (t) => {
  let nowMs = Date.now();
  const served = await serveIssuer(t, { now: () => new Date(nowMs) });
  const old = await invite(served, { email: "bob@example.com" });
  const free = await invite(served, { expiresInSeconds: 60 });
  const newer = await invite(served, { email: "bob@example.com" });
  assert.equal((await openTestBrowser().get(old)).status, 404);
  assert.equal((await openTestBrowser().get(newer)).status, 200);
  assert.equal((await openTestBrowser().get(free)).status, 200);
  nowMs += 60_000;
  assert.equal((await openTestBrowser().post(free, form("eve@example.com"))).status, 404);
});

test("no file of the directory holds a link", async (t) => {
  const served = await serveIssuer(t);
  const { token } = await served.issuer.invite({ expiresInSeconds: week });
  assert.match(token, /^[\w-]{43}$/);
  for (const file of readdirSync(served.directory))
    assert.ok(!readFileSync(join(served.directory, file), "latin1").includes(token), file);
});

test("who is signed in as somebody else and uses a link is the new person then", async (t) => {
  const served = await serveIssuer(t);
  await served.issuer.addAccount({ email: "ann@example.com", password: phrase });
  const browser = openTestBrowser();
  await browser.post(await invite(served), form("first@example.com"));
  const before = browser.cookies.find(({ name }) => name.startsWith("stowage-issuer"))?.value;
  await browser.post(await invite(served), form("second@example.com"));
  const after = browser.cookies.find(({ name }) => name.startsWith("stowage-issuer"))?.value;
  assert.ok(before && after && before !== after);
});

test("another site's page can't use a link in somebody's browser, and guesses at links are counted", async (t) => {
  const served = await serveIssuer(t);
  const url = await invite(served);
  for (const headers of [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "", "sec-fetch-site": "cross-site" },
  ]) {
    const response = await openTestBrowser().post(url, form("eve@example.com"), headers);
    assert.equal(response.status, 403, JSON.stringify(headers));
  }
  assert.deepEqual(served.issuer.listAccounts(), []);
  const statuses = new Set<number>();
  for (let guess = 0; guess < 105; guess += 1)
    statuses.add((await fetch(`${served.issuerUrl}/sign-up/${guess}`)).status);
  assert.deepEqual([...statuses], [404, 429]);
});
