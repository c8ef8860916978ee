import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { runCli } from "./harness/run-cli.ts";
import { createScriptLessBrowser } from "./harness/script-less-browser.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { type Account, newAccount } from "./harness/web-page.ts";

/** Tries at one account from one address that nobody has to wait for. */
const freeTries = 5;

/** One that this machine's own connections come through, and one that they don't. */
let behindProxy: Server;
let alone: Server;

before(async () => {
  [behindProxy, alone] = await Promise.all([
    startServer({ set: { trustedProxies: "127.0.0.1,10.0.0.0/8" } }),
    startServer({ set: { trustedProxies: "10.0.0.0/8" } }),
  ]);
});
after(() => Promise.all([behindProxy.stop(), alone.stop()]));

async function addAccount(server: Server): Promise<Account> {
  const account = newAccount();
  const added = await runCli(["user", "add", account.email, "--password-stdin", "--data", server.dataDir], {
    stdin: `${account.password}\n`,
  });
  assert.equal(added.status, 0, added.stderr);
  return account;
}

/** The status of a try with a wrong password, in a new browser that sends these headers. */
async function guess(server: Server, account: Account, headers: Readonly<Record<string, string>>) {
  const browser = createScriptLessBrowser(server.web, headers);
  return (await browser.signIn({ ...account, password: "not the password of theirs" })).status;
}

/** Whether the right password opens it, in a new browser that sends these headers. */
async function opens(server: Server, account: Account, headers: Readonly<Record<string, string>>) {
  const browser = createScriptLessBrowser(server.web, headers);
  await browser.signIn(account);
  return (await browser.askForToken()).status === 200;
}

/** As a proxy writes it that adds the address of its own client to what that client sent. */
const from = (address: string, forged = "") => ({
  "x-forwarded-for": forged === "" ? address : `${forged}, ${address}`,
});

test("behind a named proxy who guesses waits, and nobody else who comes through it does", async () => {
  const account = await addAccount(behindProxy);
  const guesser = "203.0.113.1";
  for (let tries = 0; tries < freeTries; tries += 1)
    assert.equal(await guess(behindProxy, account, from(guesser)), 422);
  assert.equal(await guess(behindProxy, account, from(guesser)), 429);
  assert.equal(await opens(behindProxy, account, from(guesser)), false, "not even with the right password");
  assert.equal(await opens(behindProxy, account, from("203.0.113.200")), true);
});

test("what a client writes before its proxy does gives it no other address", async () => {
  const account = await addAccount(behindProxy);
  const guesser = "203.0.113.2";
  const forged = ["198.51.100.1", "10.0.0.1", "127.0.0.1", "::1", "unknown", "' OR 1=1 --", "203.0.113.200"];
  const statuses = [];
  for (const each of forged) statuses.push(await guess(behindProxy, account, from(guesser, each)));
  assert.deepEqual(statuses.slice(0, freeTries), Array(freeTries).fill(422));
  assert.deepEqual(statuses.slice(freeTries), Array(forged.length - freeTries).fill(429));
  assert.equal(await opens(behindProxy, account, from("203.0.113.200", guesser)), true);
});

test("a chain of named proxies is passed to the person before it", async () => {
  const account = await addAccount(behindProxy);
  for (let tries = 0; tries < freeTries; tries += 1)
    assert.equal(await guess(behindProxy, account, from(`203.0.113.3, 10.0.0.${tries}`)), 422);
  assert.equal(await guess(behindProxy, account, from("203.0.113.3, 10.9.9.9")), 429);
});

test("where the connection is no named proxy's no header counts, whatever its name", async () => {
  const account = await addAccount(alone);
  const headers = [
    from("203.0.113.4"),
    from("10.0.0.1"),
    from("203.0.113.5", "10.0.0.1"),
    { forwarded: "for=203.0.113.6" },
    { "x-real-ip": "203.0.113.7" },
    { "true-client-ip": "203.0.113.8", "cf-connecting-ip": "203.0.113.8" },
    { "x-client-ip": "203.0.113.9", "x-forwarded-for": "" },
  ];
  const statuses = [];
  for (const each of headers) statuses.push(await guess(alone, account, each));
  assert.deepEqual(statuses.slice(0, freeTries), Array(freeTries).fill(422));
  assert.deepEqual(statuses.slice(freeTries), Array(headers.length - freeTries).fill(429));
});

test("of a named proxy the address alone is believed: host and scheme stay those of the settings", async () => {
  const account = await addAccount(behindProxy);
  const headers = {
    ...from("203.0.113.10"),
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "https",
    "x-forwarded-port": "444",
    forwarded: "for=203.0.113.10;host=evil.example;proto=https",
  };
  const browser = createScriptLessBrowser(behindProxy.web, headers);
  const page = await browser.signIn(account, (url) => {
    assert.equal(url.origin, behindProxy.web);
    return url;
  });
  assert.equal(page.url.origin, behindProxy.web);
  assert.equal((await browser.askForToken()).status, 200);
  const discovery = await browser.request("GET", "/oidc/.well-known/openid-configuration");
  assert.doesNotMatch(discovery.text, /evil|https:/);
});
