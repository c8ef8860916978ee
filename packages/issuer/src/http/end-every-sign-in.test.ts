import assert from "node:assert/strict";
import { test } from "node:test";
import { openIssuer } from "../index.ts";
import {
  exchangeCode,
  newFlow,
  phrase,
  refresh,
  serveIssuer,
  signIn,
} from "../testing/served-issuer.testing.ts";
import { openTestBrowser } from "../testing/test-browser.testing.ts";

test("of a directory that was put back from a backup, every session, refresh token and unused link can be ended", async (t) => {
  const served = await serveIssuer(t, { signUp: "invited" });
  const people = ["ann@example.com", "bob@example.com"];
  for (const email of people) await served.issuer.addAccount({ email, password: phrase });
  const tokens: string[] = [];
  const browsers = people.map(() => openTestBrowser());
  for (const [index, email] of people.entries()) {
    const flow = newFlow(served);
    const answer = await signIn(served, browsers[index] ?? assert.fail(), flow, { email });
    tokens.push((await exchangeCode(served, flow, answer.get("code") ?? "")).body.refresh_token ?? "");
  }
  const { path } = await served.issuer.invite({ email: "eve@example.com", expiresInSeconds: 3600 });
  assert.equal((await openTestBrowser().get(`${served.issuerUrl}/${path}`)).status, 200);

  const command = await openIssuer({ directory: served.directory });
  t.after(() => command.close());
  await command.endEverySignIn();

  for (const token of tokens) assert.equal((await refresh(served, token)).body.error, "invalid_grant");
  for (const browser of browsers) {
    const asked = await browser.follow(await browser.get(newFlow(served).url), served.issuerUrl);
    assert.match(await asked.text(), /<h1>Sign in<\/h1>/);
  }
  assert.equal((await openTestBrowser().get(`${served.issuerUrl}/${path}`)).status, 404);
  assert.equal(command.listAccounts().length, people.length);
});
