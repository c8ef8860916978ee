import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertSaid } from "./harness/assert-said.ts";
import { runCli } from "./harness/run-cli.ts";
import { createScriptLessBrowser } from "./harness/script-less-browser.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { newAccount } from "./harness/web-page.ts";

let server: Server;
before(async () => {
  server = await startServer({ set: { "issuer.signUp": "closed" } });
});
after(() => server.stop());

async function stowage(...args: string[]): Promise<string> {
  const result = await runCli([...args, "--data", server.dataDir]);
  assertSaid(result, 0);
  return result.stdout.trim();
}

test("where sign-up is closed, a link makes one account and signs its person in to the page", async () => {
  const account = newAccount();
  const stranger = createScriptLessBrowser(server.web);
  const asked = await stranger.follow("/session/sign-in?create=1");
  assert.match(asked.text, /<h1>Sign in<\/h1>/);
  assert.doesNotMatch(asked.text, /Create an account/);

  const link = await stowage("user", "invite", account.email, "--org", "Analysts");
  const browser = createScriptLessBrowser(server.web);
  const page = await browser.follow(link);
  assert.match(page.text, /<h1>Create an account<\/h1>/);
  const form = { email: account.email, name: "Ada", password: account.password };
  const end = await browser.submit(page, { ...form, "password-again": account.password });
  assert.equal(end.url.origin, server.web);
  assert.equal(end.url.pathname, "/");
  const token = await browser.askForToken();
  assert.equal(token.status, 200);
  assert.match(token.text, new RegExp(account.email));
  assert.match(await stowage("user", "list"), new RegExp(`${account.email} +Ada +Analysts`));

  const late = await createScriptLessBrowser(server.web).follow(link);
  assert.equal(late.status, 404);
  assert.match(late.text, /This link no longer works/);
});

test("user reset signs a person out of every browser while the server runs, and the new password signs in", async () => {
  const account = newAccount();
  const added = await runCli(["user", "add", account.email, "--password-stdin", "--data", server.dataDir], {
    stdin: `${account.password}\n`,
  });
  assertSaid(added, 0);
  const [first, second] = [createScriptLessBrowser(server.web), createScriptLessBrowser(server.web)];
  for (const browser of [first, second]) {
    await browser.signIn(account);
    assert.equal((await browser.askForToken()).status, 200);
  }
  const password = await stowage("user", "reset", account.email);
  for (const browser of [first, second]) {
    // The issuer's own session is over too: it asks.
    const page = await browser.follow("/session/sign-in");
    assert.match(page.text, /<h1>Sign in<\/h1>/);
  }
  const old = await createScriptLessBrowser(server.web).signIn(account);
  assert.equal(old.status, 422);
  const fresh = createScriptLessBrowser(server.web);
  await fresh.signIn({ ...account, password });
  assert.equal((await fresh.askForToken()).status, 200);
});
