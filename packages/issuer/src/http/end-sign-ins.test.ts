import assert from "node:assert/strict";
import { test } from "node:test";
import {
  exchangeCode,
  newFlow,
  phrase,
  refresh,
  serveIssuer,
  signIn,
} from "../testing/served-issuer.testing.ts";
import { openTestBrowser } from "../testing/test-browser.testing.ts";

test("every session and refresh token of one account can be ended, and nobody else's", async (t) => {
  const served = await serveIssuer(t);
  const signedIn = async (email: string) => {
    const browser = openTestBrowser();
    const flow = newFlow(served);
    const answer = await signIn(served, browser, flow, { email });
    const token = (await exchangeCode(served, flow, answer.get("code") ?? "")).body.refresh_token ?? "";
    return { browser, token };
  };
  const ann = await served.issuer.addAccount({ email: "ann@example.com", password: phrase });
  await served.issuer.addAccount({ email: "bob@example.com", password: phrase });
  const [laptop, phone, bobs] = [
    await signedIn("ann@example.com"),
    await signedIn("ann@example.com"),
    await signedIn("bob@example.com"),
  ];
  await served.issuer.endSignIns(ann.id);
  await served.issuer.endSignIns("nobody");
  for (const { browser, token } of [laptop, phone]) {
    assert.equal((await refresh(served, token)).body.error, "invalid_grant");
    const asked = await browser.follow(await browser.get(newFlow(served).url), served.issuerUrl);
    assert.match(await asked.text(), /<h1>Sign in<\/h1>/);
  }
  assert.equal((await refresh(served, bobs.token)).body.error, undefined);
  const { token } = await signedIn("ann@example.com");
  assert.equal((await refresh(served, token)).body.error, undefined, "she signs in again");
});
