import assert from "node:assert/strict";
import { test } from "node:test";
import { openTestBrowser, type TestBrowser } from "./test-browser.testing.ts";
import { startTestSite, type TestSite } from "./test-site.testing.ts";
import { waitUntil } from "./wait-until.testing.ts";

const rotating = { configuration: { rotateRefreshToken: true } };

const copyOf = ({ cookies }: TestBrowser): TestBrowser => {
  const copy = openTestBrowser();
  for (const [name, value] of cookies) copy.cookies.set(name, value);
  return copy;
};

const signOut = async (site: TestSite, browser = site.browser) => {
  const response = await browser.post(`${site.url}/session/sign-out`);
  assert.equal(response.status, 200);
  for (const name of ["session", "id-token"])
    assert.ok(
      response.headers.getSetCookie().some((line) => line.includes(`${name}`) && line.includes("Max-Age=0;")),
    );
  return ((await response.json()) as { location: string }).location;
};

/** Holds back what the issuer's token endpoint answers, and notes refresh tokens: those that came, those revoked. */
function holdRefreshes(site: TestSite) {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const state = { isHeld: false, release, came: [] as string[], revoked: [] as (string | null)[] };
  site.restart({
    fetch: async (url, options) => {
      const response = await fetch(url, options as RequestInit);
      if (url.endsWith("/revocation"))
        state.revoked.push(new URLSearchParams(String(options.body)).get("token"));
      if (url.endsWith("/token")) {
        state.came.push(((await response.clone().json()) as { refresh_token: string }).refresh_token);
        state.isHeld = true;
        await held;
      }
      return response;
    },
  });
  return state;
}

test("signing out twice, in two tabs, or without being signed in is signing out", async (t) => {
  const site = await startTestSite(t);
  assert.equal(await signOut(site), "/");
  await site.signIn();
  const tab = copyOf(site.browser);
  const [one, two] = await Promise.all([signOut(site), signOut(site, tab)]);
  assert.equal(new URL(one).pathname, "/session/end");
  assert.equal(new URL(two).pathname, "/session/end");
  assert.equal(await signOut(site), "/");
});

test("after signing out in one tab no other tab gets a token, nor after a restart", async (t) => {
  const site = await startTestSite(t);
  await site.signIn();
  const tab = copyOf(site.browser);
  await site.token(tab);
  await signOut(site);
  const kept = copyOf(tab);
  assert.equal((await site.askToken(tab)).status, 401);
  assert.deepEqual(
    [...tab.cookies.keys()].filter((name) => name.startsWith("stowage")),
    [],
  );
  site.restart();
  assert.equal((await site.askToken(kept)).status, 401);
});

test("a refresh that is under way does not bring the session back", async (t) => {
  const site = await startTestSite(t, rotating);
  await site.signIn();
  site.clock.aheadMs += 301_000;
  const holding = holdRefreshes(site);
  const tab = copyOf(site.browser);
  const refresh = tab.post(`${site.url}/session/token`);
  await waitUntil(() => holding.isHeld);
  const ended = signOut(site);
  holding.release();
  await ended;
  const late = await refresh;
  assert.equal(late.status, 401);
  assert.deepEqual(late.headers.getSetCookie(), []);
  // What the refresh brought is revoked.
  assert.equal(holding.came.length, 1);
  assert.deepEqual(holding.revoked, holding.came);
  site.restart();
  assert.equal((await site.askToken(tab)).status, 401);
});

test("a cookie that a late answer brought back to the browser is worth nothing", async (t) => {
  const site = await startTestSite(t, rotating);
  await site.signIn();
  site.clock.aheadMs += 301_000;
  const tab = copyOf(site.browser);
  await site.token(tab);
  const broughtBack = copyOf(tab);
  await signOut(site);
  assert.equal((await site.askToken(broughtBack)).status, 401);
  site.restart();
  assert.equal((await site.askToken(tab)).status, 401);
});

test("signing out does not wait for a slow issuer, and goes on ending the session there", async (t) => {
  const site = await startTestSite(t, { ...rotating, session: { issuerTimeoutSeconds: 20 } });
  await site.signIn();
  const release = Promise.withResolvers<void>();
  site.restart({
    fetch: async (url, options) => {
      if (url.includes("revocation")) await release.promise;
      return fetch(url, options as RequestInit);
    },
  });
  const before = Date.now();
  assert.equal(new URL(await signOut(site)).pathname, "/session/end");
  assert.ok(Date.now() - before < 15_000);
  release.resolve();
  await waitUntil(() => site.issuer.requests.includes("POST /token/revocation"));
});

test("signing out works while the issuer is away: the session ends here, and the page stays here", async (t) => {
  const site = await startTestSite(t);
  await site.signIn();
  const tab = copyOf(site.browser);
  await site.issuer.stop();
  site.restart();
  assert.equal(await signOut(site), "/");
  assert.equal((await site.askToken(tab)).status, 401);
  assert.match(site.log.join(), /unreachable/);
  await site.issuer.start();
});

test("the issuer's own session ends where the page is sent to, and the browser comes back", async (t) => {
  const site = await startTestSite(t);
  await site.signIn();
  const location = await signOut(site);
  const page = await site.browser.get(location);
  assert.equal(page.status, 200);
  const [, xsrf = ""] = /name="xsrf" value="([^"]+)"/.exec(await page.text()) ?? [];
  const confirmed = await site.browser.post(
    `${site.issuer.url}/session/end/confirm`,
    { "content-type": "application/x-www-form-urlencoded" },
    `xsrf=${xsrf}&logout=yes`,
  );
  assert.equal(confirmed.headers.get("location"), `${site.url}/`);
});

test("an issuer that is away when somebody signs out is asked again until it has revoked the refresh token", async (t) => {
  const site = await startTestSite(t);
  await site.signIn();
  const stolen = copyOf(site.browser);
  const waitedMs: number[] = [];
  const back = Promise.withResolvers<void>();
  await site.issuer.stop();
  site.restart({
    async wait(delayMs) {
      waitedMs.push(delayMs);
      if (waitedMs.length === 3) await back.promise;
    },
  });
  await signOut(site);
  await waitUntil(() => waitedMs.length === 3);
  await site.issuer.start();
  back.resolve();
  await waitUntil(() => site.issuer.requests.includes("POST /token/revocation"));
  site.restart();
  assert.equal((await site.askToken(stolen)).status, 401, "a copied cookie works again in another process");
  assert.deepEqual(waitedMs, [1_000, 5_000, 30_000]);
});

test("an issuer that stays away is asked for an hour, and one that says no is not asked again", async (t) => {
  const site = await startTestSite(t);
  const waitedMs: number[] = [];
  const wait = async (delayMs: number) => {
    waitedMs.push(delayMs);
  };
  const revocations = async (answer: () => Response | Promise<Response>) => {
    await site.signIn();
    let count = 0;
    site.restart({
      wait,
      fetch: async (url, options) => {
        if (!url.endsWith("/revocation")) return fetch(url, options as RequestInit);
        count += 1;
        return answer();
      },
    });
    await signOut(site);
    return () => count;
  };
  const away = await revocations(() => new Response("busy", { status: 503 }));
  await waitUntil(() => away() === 7);
  assert.equal(
    waitedMs.reduce((sum, each) => sum + each),
    3_600_000,
  );
  const no = await revocations(() => Response.json({ error: "invalid_client" }, { status: 401 }));
  await signOut(site);
  assert.equal(no(), 1);
  assert.equal(waitedMs.length, 6);
});
