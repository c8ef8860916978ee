import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestSite } from "./test-site.testing.ts";

test("a person signs in, gets an access token and a name, signs out, and is signed out", async (t) => {
  const site = await startTestSite(t);
  assert.equal((await site.askToken()).status, 401);
  const at = await site.signIn("ann");
  assert.equal(at.href, `${site.url}/photos`);

  const { accessToken, expiresInSeconds, account } = await site.token();
  assert.deepEqual(account, { subject: "ann", email: "ann@example.com", name: "ann of Example" });
  assert.ok(expiresInSeconds > 3500 && expiresInSeconds <= 3600, String(expiresInSeconds));
  const who = await fetch(`${site.issuer.url}/me`, { headers: { authorization: `Bearer ${accessToken}` } });
  assert.equal(((await who.json()) as { sub: string }).sub, "ann");

  const response = await site.browser.post(`${site.url}/session/sign-out`);
  const { location } = (await response.json()) as { location: string };
  const next = new URL(location);
  assert.equal(next.origin + next.pathname, `${site.issuer.url}/session/end`);
  assert.equal(next.searchParams.get("post_logout_redirect_uri"), `${site.url}/`);
  assert.ok(next.searchParams.get("id_token_hint"));
  assert.equal((await site.askToken()).status, 401);
  assert.deepEqual(
    [...site.browser.cookies.keys()].filter((name) => name.startsWith("stowage")),
    [],
  );
  const after = await fetch(`${site.issuer.url}/me`, { headers: { authorization: `Bearer ${accessToken}` } });
  assert.equal(after.status, 401);
});
