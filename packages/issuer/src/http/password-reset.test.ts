import assert from "node:assert/strict";
import { test } from "node:test";
import { openIssuer } from "../index.ts";
import {
  clientAnswer,
  exchangeCode,
  formAction,
  newFlow,
  phrase,
  refresh,
  serveIssuer,
  signIn,
} from "../testing/served-issuer.testing.ts";
import { openTestBrowser } from "../testing/test-browser.testing.ts";

const newPhrase = "seven riverboats at dawn";

test("a password set by another process ends sessions, codes, refresh tokens and half-done sign-ins at once, of that account alone", async (t) => {
  const served = await serveIssuer(t);
  for (const email of ["ann@example.com", "bob@example.com"])
    await served.issuer.addAccount({ email, password: phrase });
  const [ann, bob] = [openTestBrowser(), openTestBrowser()];
  const tokenOf = async (browser: typeof ann, email: string) => {
    const flow = newFlow(served);
    const answer = await signIn(served, browser, flow, { email });
    return (await exchangeCode(served, flow, answer.get("code") ?? "")).body.refresh_token ?? "";
  };
  const annToken = await tokenOf(ann, "ann@example.com");
  const bobToken = await tokenOf(bob, "bob@example.com");
  const codeFlow = newFlow(served);
  const code =
    clientAnswer(await ann.follow(await ann.get(codeFlow.url), served.issuerUrl)).get("code") ?? "";
  // The password is checked, the browser has not gone on yet.
  const halfway = openTestBrowser();
  const page = await halfway.follow(await halfway.get(newFlow(served).url), served.issuerUrl);
  const checked = await halfway.post(await formAction(page), { email: "ann@example.com", password: phrase });
  assert.equal(checked.status, 303);

  const cli = await openIssuer({ directory: served.directory });
  t.after(() => cli.close());
  await cli.setPassword("ann@example.com", newPhrase);

  assert.equal((await refresh(served, annToken)).body.error, "invalid_grant");
  assert.equal((await exchangeCode(served, codeFlow, code)).body.error, "invalid_grant");
  const asked = await ann.follow(await ann.get(newFlow(served).url), served.issuerUrl);
  assert.match(await asked.text(), /<h1>Sign in<\/h1>/);
  assert.equal((await halfway.follow(checked, served.issuerUrl)).status, 400);

  assert.equal((await refresh(served, bobToken)).status, 200);
  const silent = clientAnswer(await bob.follow(await bob.get(newFlow(served).url), served.issuerUrl));
  assert.ok(silent.get("code"));

  // In the same second, and again.
  const flow = newFlow(served);
  assert.ok((await signIn(served, ann, flow, { password: newPhrase })).get("code"));
  await cli.setPassword("ann@example.com", phrase);
  const out = await ann.follow(await ann.get(newFlow(served).url), served.issuerUrl);
  assert.match(await out.text(), /<h1>Sign in<\/h1>/);
});

test("a record that a request under way writes after the reset is good for nothing", async (t) => {
  const served = await serveIssuer(t);
  await served.issuer.addAccount({ email: "ann@example.com", password: phrase });
  const browser = openTestBrowser();
  await signIn(served, browser, newFlow(served));
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(`${served.directory}/issuer.sqlite`);
  t.after(() => database.close());
  const rows = database.prepare("SELECT * FROM protocol_records WHERE model = 'Session'").all();
  assert.equal(rows.length, 1);
  await served.issuer.setPassword("ann@example.com", newPhrase);
  assert.equal(
    database.prepare("SELECT count(*) AS n FROM protocol_records WHERE account_id IS NOT NULL").get()?.n,
    0,
  );
  for (const row of rows) {
    const names = Object.keys(row);
    database
      .prepare(`INSERT INTO protocol_records (${names.join()}) VALUES (${names.map(() => "?").join()})`)
      .run(...Object.values(row));
  }
  const page = await browser.follow(await browser.get(newFlow(served).url), served.issuerUrl);
  assert.match(await page.text(), /<h1>Sign in<\/h1>/);
});
