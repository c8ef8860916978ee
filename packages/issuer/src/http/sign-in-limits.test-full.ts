import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { formAction, newFlow, phrase, serveIssuer } from "../testing/served-issuer.testing.ts";
import { openTestBrowser, type TestBrowser } from "../testing/test-browser.testing.ts";

/** An issuer with a clock of its own that believes the tests what address they come from. */
async function setUp(t: TestContext, directory?: string) {
  let nowMs = Date.now();
  const served = await serveIssuer(t, {
    now: () => new Date(nowMs),
    clientAddress: ({ headers }) => String(headers["x-test-address"]),
    ...(directory !== undefined && { directory }),
  });
  const openPage = async (browser: TestBrowser, changes: Record<string, string> = {}) => {
    const flow = newFlow(served, changes);
    return formAction(await browser.follow(await browser.get(flow.url), served.issuerUrl));
  };
  /** One try on a page of its own: its status, and the wait that it is told of. */
  const attempt = async (
    password: string,
    {
      email = "ann@example.com",
      address = "192.0.2.1",
      browser = openTestBrowser(),
    }: { email?: string; address?: string; browser?: TestBrowser } = {},
  ) => {
    const action = await openPage(browser);
    const response = await browser.post(action, { email, password }, { "x-test-address": address });
    const text = await response.text();
    return {
      status: response.status,
      retryAfter: Number(response.headers.get("retry-after") ?? Number.NaN),
      text,
    };
  };
  const pass = (seconds: number) => {
    nowMs += seconds * 1000;
  };
  return { served, attempt, pass, openPage };
}

const right = 303;
const wrong = 422;
const tooMany = 429;

test("who guesses at one account from one address waits longer and longer, and a right password does not help in between", async (t) => {
  const { served, attempt, pass } = await setUp(t);
  await served.issuer.addAccount({ email: "ann@example.com", password: phrase });
  for (let count = 0; count < 5; count += 1) assert.equal((await attempt("wrong")).status, wrong);
  const waits = [];
  for (let count = 0; count < 4; count += 1) {
    const refused = await attempt(phrase);
    assert.equal(refused.status, tooMany);
    assert.match(refused.text, /Too many tries from here\. Try again in/);
    waits.push(refused.retryAfter);
    pass(refused.retryAfter);
    assert.equal((await attempt("wrong")).status, wrong);
  }
  assert.deepEqual(waits, [30, 60, 120, 240]);
  pass(480);
  assert.equal((await attempt(phrase)).status, right);
  assert.equal((await attempt("wrong")).status, wrong, "it begins again");
});

test("who guesses shuts out nobody elsewhere, nor in a browser that was signed in before at the same place", async (t) => {
  const { served, attempt } = await setUp(t);
  await served.issuer.addAccount({ email: "ann@example.com", password: phrase });
  const known = openTestBrowser();
  assert.equal((await attempt(phrase, { browser: known })).status, right);
  for (let count = 0; count < 8; count += 1) await attempt("wrong");
  assert.equal((await attempt(phrase)).status, tooMany);
  assert.equal((await attempt(phrase, { address: "192.0.2.2" })).status, right);
  assert.equal((await attempt(phrase, { browser: known })).status, right);
});

test("a hundred wrong passwords in a row from many places close the account to new browsers, until a known one or a reset", async (t) => {
  const { served, attempt, pass } = await setUp(t);
  const { issuer } = served;
  await issuer.addAccount({ email: "ann@example.com", password: phrase });
  const known = openTestBrowser();
  assert.equal((await attempt(phrase, { browser: known })).status, right);
  const guess = async (email = "ann@example.com") => {
    // Without the work of a hundred stretched passwords, or of a hundred pages.
    const { DatabaseSync } = await import("node:sqlite");
    const { createHash } = await import("node:crypto");
    const database = new DatabaseSync(`${served.directory}/issuer.sqlite`);
    const hash = createHash("sha256")
      .update(JSON.stringify(["account", email]))
      .digest();
    const { changes } = database.prepare("UPDATE tries SET count = 99 WHERE key = ?").run(hash);
    assert.equal(changes, 1);
    database.close();
  };
  assert.equal((await attempt("wrong", { address: "198.51.100.1" })).status, wrong);
  await guess();
  assert.equal((await attempt("wrong", { address: "198.51.100.2" })).status, wrong, "the hundredth");
  const closed = await attempt(phrase, { address: "198.51.100.3" });
  assert.equal(closed.status, tooMany);
  assert.ok(Number.isNaN(closed.retryAfter));
  assert.match(closed.text, /browser that you have used before/);
  pass(7 * 24 * 3600);
  assert.equal((await attempt(phrase, { address: "198.51.100.3" })).status, tooMany);

  assert.equal((await attempt(phrase, { browser: known })).status, right);
  assert.equal((await attempt(phrase, { address: "198.51.100.3" })).status, right);

  assert.equal((await attempt("wrong", { address: "198.51.100.4" })).status, wrong);
  await guess();
  assert.equal((await attempt("wrong", { address: "198.51.100.5" })).status, wrong);
  assert.equal((await attempt(phrase, { address: "198.51.100.6" })).status, tooMany);
  await issuer.setPassword("ann@example.com", "seven riverboats at dawn");
  assert.equal((await attempt("seven riverboats at dawn", { address: "198.51.100.6" })).status, right);
});

test("signing in to an account of one's own again and again, in a browser that it knows, buys no tries at others'", async (t) => {
  const { served, attempt } = await setUp(t);
  await served.issuer.addAccount({ email: "mallory@example.com", password: phrase });
  const own = { email: "mallory@example.com", address: "192.0.2.9", browser: openTestBrowser() };
  assert.equal((await attempt(phrase, own)).status, right);
  for (let count = 0; count < 100; count += 1) {
    const guess = { email: `person${count}@example.com`, address: own.address };
    assert.equal((await attempt("wrong", guess)).status, wrong);
    if (count % 10 === 0) assert.equal((await attempt(phrase, own)).status, right);
  }
  const next = await attempt("wrong", { email: "another@example.com", address: own.address });
  assert.equal(next.status, tooMany);
});

test("an address without an account is answered like one with a wrong password, word for word", async (t) => {
  const { served, attempt } = await setUp(t);
  await served.issuer.addAccount({ email: "ann@example.com", password: phrase });
  await served.issuer.addAccount({ email: "nopassword@example.com" });
  const strip = (text: string) =>
    text.replaceAll(/\/interaction\/[\w-]+/g, "").replaceAll(/\w+@example\.com/g, "");
  for (let count = 0; count < 7; count += 1) {
    const [ann, eve, none] = await Promise.all([
      attempt("wrong", { address: "192.0.2.10" }),
      attempt("wrong", { email: "eve@example.com", address: "192.0.2.11" }),
      attempt("wrong", { email: "nopassword@example.com", address: "192.0.2.12" }),
    ]);
    for (const other of [eve, none]) {
      assert.equal(other.status, ann.status);
      assert.equal(strip(other.text), strip(ann.text));
    }
  }
});

test("tries at once are counted like tries one after the other", async (t) => {
  const { served, openPage } = await setUp(t);
  await served.issuer.addAccount({ email: "ann@example.com", password: phrase });
  const browser = openTestBrowser();
  const action = await openPage(browser);
  const statuses = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const form = { email: "ann@example.com", password: "wrong" };
      const response = await browser.post(action, form, { "x-test-address": "192.0.2.1" });
      return response.status;
    }),
  );
  assert.equal(statuses.filter((status) => status === wrong).length, 5);
  assert.equal(statuses.filter((status) => status === tooMany).length, 15);
});

test("one address that tries many accounts waits, all of its IPv6 block with it, others don't", async (t) => {
  const { served, attempt } = await setUp(t);
  await served.issuer.addAccount({ email: "ann@example.com", password: phrase });
  const { DatabaseSync } = await import("node:sqlite");
  await attempt("wrong", { email: "a@example.com", address: "2001:db8::1" });
  const database = new DatabaseSync(`${served.directory}/issuer.sqlite`);
  // The greatest count is set for the address: of three rows, each 1, all.
  database.exec("UPDATE tries SET count = 100, last_at = last_at + 3600000");
  database.close();
  assert.equal((await attempt(phrase, { address: "2001:db8::ffff" })).status, tooMany);
  assert.equal((await attempt(phrase, { address: "2001:db8:0:1::1" })).status, right);
});

test("what was counted outlives a restart", async (t) => {
  const first = await setUp(t);
  await first.served.issuer.addAccount({ email: "ann@example.com", password: phrase });
  for (let count = 0; count < 5; count += 1) await first.attempt("wrong");
  const second = await setUp(t, first.served.directory);
  assert.equal((await second.attempt(phrase)).status, tooMany);
});

test("the hundred-and-first account made from one address within an hour has to wait", async (t) => {
  const { served, openPage, pass } = await setUp(t);
  const browser = openTestBrowser();
  const signUp = async (name: string, password = phrase) => {
    const action = await openPage(browser, { prompt: "create" });
    const form = { email: `${name}@example.com`, password, "password-again": password };
    return (await browser.post(action, form, { "x-test-address": "192.0.2.1" })).status;
  };
  const { DatabaseSync } = await import("node:sqlite");
  assert.equal(await signUp("a", "short"), wrong);
  const database = new DatabaseSync(`${served.directory}/issuer.sqlite`);
  database.exec("UPDATE tries SET count = 100");
  database.close();
  assert.equal(await signUp("b"), tooMany);
  assert.equal(served.issuer.findAccount("b@example.com"), undefined);
  pass(3600);
  assert.equal(await signUp("b"), right);
});

test("the sign-up page opens an account for its own password only within the limits of signing in", async (t) => {
  const { served, openPage } = await setUp(t);
  await served.issuer.addAccount({ email: "ann@example.com", password: phrase });
  const browser = openTestBrowser();
  const action = await openPage(browser, { prompt: "create" });
  const signUp = async (password: string) => {
    const form = { email: "ann@example.com", password, "password-again": password };
    const response = await browser.post(action, form, { "x-test-address": "192.0.2.1" });
    return { status: response.status, text: await response.text() };
  };
  for (let count = 0; count < 5; count += 1) {
    const { status, text } = await signUp(`some other words, number ${count}`);
    assert.equal(status, wrong);
    assert.match(text, /There is an account for this address already/);
  }
  assert.equal((await signUp(phrase)).status, tooMany);
});
