import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";
import { openTestBrowser, type TestBrowser } from "./test-browser.testing.ts";
import { startTestSite, type TestSite } from "./test-site.testing.ts";
import { waitUntil } from "./wait-until.testing.ts";

const rotating = { configuration: { rotateRefreshToken: true } };
const halfLifeMs = 301_000;

const sessionName = (browser: TestBrowser) =>
  [...browser.cookies.keys()].find((name) => name.startsWith("stowage-session")) ?? "";

const refreshes = ({ issuer }: TestSite) =>
  issuer.requests.filter((each) => each === "POST /token").length - 1;

const copyOf = ({ cookies }: TestBrowser): TestBrowser => {
  const copy = openTestBrowser();
  for (const [name, value] of cookies) copy.cookies.set(name, value);
  return copy;
};

test("the first token after a sign-in costs no refresh, nor do the next until half its life is over", async (t) => {
  const site = await startTestSite(t, rotating);
  await site.signIn();
  const first = await site.askToken();
  assert.deepEqual(first.headers.getSetCookie(), []);
  const { accessToken } = (await first.json()) as { accessToken: string };
  site.clock.aheadMs += 200_000;
  const again = await site.token();
  assert.equal(again.accessToken, accessToken);
  assert.ok(again.expiresInSeconds > 380 && again.expiresInSeconds <= 400, `${again.expiresInSeconds}`);
  assert.equal(refreshes(site), 0);
  site.clock.aheadMs += 101_000;
  assert.notEqual((await site.token()).accessToken, accessToken);
  assert.equal(refreshes(site), 1);
});

test("ten tabs that ask at once cost one refresh, and all get the same cookie", async (t) => {
  const site = await startTestSite(t, rotating);
  await site.signIn();
  site.clock.aheadMs += halfLifeMs;
  const tabs = Array.from({ length: 10 }, () => copyOf(site.browser));
  const tokens = await Promise.all(tabs.map((tab) => site.token(tab)));
  assert.equal(refreshes(site), 1);
  assert.equal(new Set(tokens.map(({ accessToken }) => accessToken)).size, 1);
  // The last one's is as good as the first one's.
  site.restart();
  assert.equal((await site.askToken(tabs.at(-1))).status, 200);
});

test("a page that never got the new cookie asks with the old one, for 30 seconds at any issuer", async (t) => {
  const site = await startTestSite(t, rotating);
  await site.signIn();
  site.clock.aheadMs += halfLifeMs;
  const lost = copyOf(site.browser);
  const first = await site.token();
  site.clock.aheadMs += 29_000;
  const second = await site.askToken(lost);
  assert.equal(second.status, 200);
  assert.equal(((await second.json()) as { accessToken: string }).accessToken, first.accessToken);
  assert.equal(second.headers.getSetCookie().length, 2);
  // It has the new one now.
  site.restart();
  assert.equal((await site.askToken(lost)).status, 200);
});

test("an old cookie that comes later than that is refused by the issuer, and is removed", async (t) => {
  const site = await startTestSite(t, rotating);
  await site.signIn();
  site.clock.aheadMs += halfLifeMs;
  const stolen = copyOf(site.browser);
  await site.token();
  site.clock.aheadMs += 31_000;
  const response = await site.askToken(stolen);
  assert.equal(response.status, 401);
  assert.equal(((await response.json()) as { code: string }).code, "signed-out");
  assert.equal(sessionName(stolen), "");
});

test("a session that the issuer ended is told apart from an issuer that does not answer", async (t) => {
  const site = await startTestSite(t, rotating);
  await site.signIn();
  site.clock.aheadMs += halfLifeMs;
  await site.issuer.stop();
  const during = await site.askToken();
  assert.equal(during.status, 503);
  assert.ok(Number(during.headers.get("retry-after")) > 0);
  assert.equal(((await during.json()) as { code: string }).code, "unavailable");
  assert.deepEqual(during.headers.getSetCookie(), []);

  await site.issuer.start();
  assert.equal((await site.token()).account.subject, "ann");

  // Ended elsewhere: what this process knows of it is forgotten.
  await copyOf(site.browser).post(`${site.url}/session/sign-out`);
  site.restart();
  const after = await site.askToken();
  assert.equal(after.status, 401);
  assert.equal(sessionName(site.browser), "");
});

const answer = (response: ServerResponse, status: number, type: string, body: string): true => {
  response.writeHead(status, { "content-type": type }).end(body);
  return true;
};

const outages: Readonly<Record<string, (request: IncomingMessage, response: ServerResponse) => boolean>> = {
  "500 in HTML": (_, response) => answer(response, 500, "text/html", "<h1>Oops</h1>"),
  "502 with nothing": (_, response) => answer(response, 502, "text/plain", ""),
  "200 in HTML": (_, response) =>
    answer(response, 200, "text/html", "<h1>Log in to the hotel's network</h1>"),
  "200 with half of a JSON": (_, response) => answer(response, 200, "application/json", '{"access_token":'),
  "200 with a JSON that is none of OAuth's": (_, response) => answer(response, 200, "application/json", "[]"),
  "404 in HTML": (_, response) => answer(response, 404, "text/html", "<h1>Not here</h1>"),
  "400 in HTML": (_, response) => answer(response, 400, "text/html", "<h1>invalid_grant</h1>"),
  "a redirect": (_, response) => {
    response.writeHead(302, { location: "https://evil.example" }).end();
    return true;
  },
  "503 temporarily_unavailable": (_, response) =>
    answer(response, 503, "application/json", '{"error":"temporarily_unavailable"}'),
  "500 invalid_grant": (_, response) =>
    answer(response, 500, "application/json", '{"error":"invalid_grant"}'),
  "400 invalid_client": (_, response) =>
    answer(response, 400, "application/json", '{"error":"invalid_client"}'),
  "429 and whatever": (_, response) => answer(response, 429, "application/json", '{"error":"invalid_grant"}'),
  "400 slow_down": (_, response) => answer(response, 400, "application/json", '{"error":"slow_down"}'),
  "a connection that breaks": (request) => {
    request.socket.destroy();
    return true;
  },
  "no answer in time": () => true,
  "a body that never ends": (_, response) => {
    response.writeHead(200, { "content-type": "application/json" }).write("{");
    return true;
  },
};

for (const [what, outage] of Object.entries(outages))
  test(`an issuer that answers with ${what} costs nobody their session, and all goes on when it works`, async (t) => {
    const site = await startTestSite(t, { ...rotating, session: { issuerTimeoutSeconds: 0.5 } });
    await site.signIn();
    site.clock.aheadMs += halfLifeMs;
    site.issuer.intercept = outage;
    const before = new Map(site.browser.cookies);
    for (const isNew of [false, true]) {
      // A process that has not read the issuer's metadata yet has no more luck.
      if (isNew) site.restart();
      const response = await site.askToken();
      assert.equal(response.status, 503);
      assert.ok(Number(response.headers.get("retry-after")) > 0);
      assert.deepEqual(response.headers.getSetCookie(), []);
      assert.deepEqual(site.browser.cookies, before);
    }
    const signIn = await openTestBrowser().get(`${site.url}/session/sign-in`);
    assert.match(signIn.headers.get("location") ?? "", /^\/\?sign-in=(unavailable|failed)$/);
    assert.ok(site.log.length > 0);
    site.issuer.intercept = undefined;
    assert.equal((await site.token()).account.subject, "ann");
  });

test("a server that starts before its issuer signs people in once that is there", async (t) => {
  const site = await startTestSite(t);
  await site.issuer.stop();
  const response = await site.browser.get(`${site.url}/session/sign-in`);
  assert.equal(response.headers.get("location"), "/?sign-in=unavailable");
  assert.equal((await site.askToken()).status, 204);
  await site.issuer.start();
  assert.equal((await site.signIn()).href, `${site.url}/photos`);
});

test("an issuer that goes away in the middle of a sign-in is unavailable, and the next try works", async (t) => {
  const site = await startTestSite(t);
  const url = await site.beginSignIn();
  await site.issuer.stop();
  const response = await site.browser.get(url.href);
  assert.equal(response.headers.get("location"), "/?sign-in=unavailable");
  await site.issuer.start();
  assert.equal((await site.signIn()).href, `${site.url}/photos`);
});

test("many who need the issuer's metadata at once read it once, and the old one serves while a new one can't be had", async (t) => {
  const site = await startTestSite(t);
  const discoveries = () => site.issuer.requests.filter((each) => each.includes("well-known")).length;
  await Promise.all(Array.from({ length: 10 }, () => openTestBrowser().get(`${site.url}/session/sign-in`)));
  assert.equal(discoveries(), 1);
  site.clock.aheadMs += 3_600_001;
  site.issuer.intercept = (request, response) =>
    request.url?.includes("well-known") === true && answer(response, 500, "text/plain", "");
  assert.equal((await site.signIn()).href, `${site.url}/photos`);
  assert.ok(discoveries() > 1);
});

for (const [what, change] of [
  [
    "changed",
    (value: string) => `${value.slice(0, -2)}${value.at(-2) === "A" ? "B" : "A"}${value.slice(-1)}`,
  ],
  ["cut", (value: string) => value.slice(0, -4)],
  ["another cookie's", undefined],
  ["nonsense", () => "%00"],
] as const)
  test(`a session's cookie that is ${what} is nobody's, and is removed`, async (t) => {
    const site = await startTestSite(t);
    await site.signIn();
    const name = sessionName(site.browser);
    const idToken = site.browser.cookies.get(name.replace("session", "id-token")) ?? "";
    site.browser.cookies.set(name, change?.(site.browser.cookies.get(name) ?? "") ?? idToken);
    assert.equal((await site.askToken()).status, 401);
    assert.equal(sessionName(site.browser), "");
  });

test("a session belongs to its key, issuer and client", async (t) => {
  const site = await startTestSite(t);
  await site.signIn();
  for (const options of [
    { key: Buffer.alloc(32, 8) },
    { issuer: site.issuer.url.replace("localhost", "127.0.0.1") },
    { clientId: "other" },
  ]) {
    site.restart(options);
    assert.equal((await site.askToken(copyOf(site.browser))).status, 401, JSON.stringify(options));
  }
  site.restart();
  assert.equal((await site.askToken()).status, 200);
});

test("a session that is used every week never ends by itself; one that is not used for 30 days does", async (t) => {
  const site = await startTestSite(t, { configuration: { rotateRefreshToken: false } });
  await site.signIn();
  site.clock.aheadMs += 7 * 24 * 3_600_000;
  const response = await site.askToken();
  assert.equal(response.status, 200);
  assert.equal(response.headers.getSetCookie().length, 2);
  for (const line of response.headers.getSetCookie()) assert.match(line, /Max-Age=2592000;/);
  site.clock.aheadMs += 30 * 24 * 3_600_000 + 1;
  assert.equal((await site.askToken()).status, 401);
});

test("the ID token that sign-out needs is kept as long as the session, though refreshes bring no new one", async (t) => {
  const site = await startTestSite(t, rotating);
  await site.signIn();
  site.restart({
    fetch: async (url, options) => {
      const response = await fetch(url, options as RequestInit);
      if (!url.endsWith("/token")) return response;
      const { id_token: _, ...body } = (await response.json()) as { id_token: string };
      return Response.json(body, { status: response.status });
    },
  });
  for (let count = 0; count < 3; count += 1) {
    site.clock.aheadMs += 20 * 24 * 3_600_000;
    assert.equal((await site.askToken()).status, 200);
  }
  const response = await site.browser.post(`${site.url}/session/sign-out`);
  const { location } = (await response.json()) as { location: string };
  assert.ok(new URL(location).searchParams.get("id_token_hint"));
});

test("our clock may jump by an hour between sign-in and token: lives are counted from when a token came", async (t) => {
  const site = await startTestSite(t);
  for (const aheadMs of [-3_600_000, 3_600_000]) {
    await site.signIn();
    site.clock.aheadMs += aheadMs;
    const { expiresInSeconds } = await site.token();
    assert.ok(expiresInSeconds > 590 && expiresInSeconds <= 600, `${expiresInSeconds}`);
  }
});

for (const [lateSeconds, location] of [
  [65, "/photos"],
  [80, "/?sign-in=failed"],
] as const)
  test(`an ID token of ten seconds that comes ${lateSeconds} seconds late by our clock: ${location}`, async (t) => {
    const site = await startTestSite(t, { configuration: { ttl: { IdToken: 10 } } });
    const url = await site.beginSignIn();
    site.restart({
      fetch: async (input, options) => {
        const response = await fetch(input, options as RequestInit);
        if (input.endsWith("/token"))
          t.mock.timers.enable({ apis: ["Date"], now: Date.now() + lateSeconds * 1000 });
        return response;
      },
    });
    const response = await site.browser.get(url.href);
    assert.equal(response.headers.get("location"), location);
  });

test("who asks while a slow refresh is under way waits for that one", async (t) => {
  const site = await startTestSite(t, rotating);
  await site.signIn();
  site.clock.aheadMs += halfLifeMs;
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  let isHeld = false;
  site.restart({
    fetch: async (url, options) => {
      if (url.endsWith("/token")) {
        isHeld = true;
        await held;
      }
      return fetch(url, options as RequestInit);
    },
  });
  const tab = copyOf(site.browser);
  const first = site.token();
  await waitUntil(() => isHeld);
  const second = site.token(tab);
  release();
  assert.equal((await first).accessToken, (await second).accessToken);
  assert.equal(refreshes(site), 1);
});

test("a browser that was never signed in is told nothing, and that is no failure", async (t) => {
  const site = await startTestSite(t);
  const response = await site.askToken();
  assert.equal(response.status, 204);
  assert.equal(await response.text(), "");
  assert.equal(response.headers.get("content-length"), null);
  assert.deepEqual(response.headers.getSetCookie(), []);
  assert.equal(response.headers.get("cache-control"), "no-store");
});

test("a session that was ended from elsewhere is over at every process, and a later one is not", async (t) => {
  const ended = new Map<string, number>();
  const session = { sessionsEndedAtMs: async (subject: string) => ended.get(subject) };
  const site = await startTestSite(t, { session });
  await site.signIn();
  const { account } = await site.token();
  ended.set("somebody else", Date.now() + 60_000);
  assert.equal((await site.askToken()).status, 200);
  ended.set(account.subject, Date.now() + 1);
  const refused = await site.askToken();
  assert.equal(refused.status, 401);
  assert.equal(sessionName(site.browser), "", "its cookie is gone");
  site.clock.aheadMs += 1000;
  await site.signIn();
  assert.equal((await site.askToken()).status, 200);
});
