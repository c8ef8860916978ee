import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from "jose";
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

test("who signs in on the page comes back with a code that buys tokens for the API and for a month", async (t) => {
  const served = await serveIssuer(t);
  const ann = await served.issuer.addAccount({
    email: "ann@example.com",
    password: phrase,
    name: "Ann",
    organisation: "Acme",
  });
  const flow = newFlow(served);
  const answer = await signIn(served, openTestBrowser(), flow);
  assert.equal(answer.get("state"), flow.parameters.state);
  assert.equal(answer.get("iss"), served.issuerUrl);

  const { status, body } = await exchangeCode(served, flow, answer.get("code") ?? "");
  assert.equal(status, 200, JSON.stringify(body));
  assert.equal(body.token_type, "Bearer");
  assert.equal(body.expires_in, 600);
  const keys = createRemoteJWKSet(new URL(`${served.issuerUrl}/jwks`));
  const access = await jwtVerify(body.access_token ?? "", keys, {
    issuer: served.issuerUrl,
    audience: served.origin,
    typ: "at+jwt",
    algorithms: ["RS256"],
  });
  const { iat = 0, exp = 0, jti, ...claims } = access.payload;
  assert.equal(exp - iat, 600);
  assert.ok(jti);
  assert.deepEqual(claims, {
    iss: served.issuerUrl,
    aud: served.origin,
    sub: ann.id,
    client_id: "stowage-web",
    scope: "files:read uploads:write",
    email: "ann@example.com",
    email_verified: true,
    name: "Ann",
    org: "Acme",
  });

  const id = await jwtVerify(body.id_token ?? "", keys, {
    issuer: served.issuerUrl,
    audience: "stowage-web",
  });
  assert.equal(id.payload.nonce, flow.parameters.nonce);
  assert.equal(id.payload.email, "ann@example.com");
  assert.equal(id.payload.name, "Ann");
  assert.ok(served.issuer.findAccount("ann@example.com")?.signedInAt);

  const again = await refresh(served, body.refresh_token ?? "");
  assert.equal(again.status, 200, JSON.stringify(again.body));
  assert.notEqual(again.body.refresh_token, body.refresh_token);
  assert.equal(again.body.scope, "files:read uploads:write");
  assert.deepEqual(
    served.events.filter(({ type }) => type === "error"),
    [],
  );
});

test("who has no account makes one on the page and is signed in by it", async (t) => {
  const served = await serveIssuer(t);
  const browser = openTestBrowser();
  const flow = newFlow(served, { prompt: "create" });
  const page = await browser.follow(await browser.get(flow.url), served.issuerUrl);
  const action = await formAction(page);
  const form = { name: "Bob", email: "bob@example.com", password: phrase, "password-again": phrase };
  const answer = clientAnswer(await browser.follow(await browser.post(action, form), served.issuerUrl));
  const { body } = await exchangeCode(served, flow, answer.get("code") ?? "");
  const bob = served.issuer.findAccount("bob@example.com");
  assert.equal(bob?.name, "Bob");
  assert.ok(bob?.signedInAt);
  assert.ok(body.access_token);

  // The browser is signed in: the next request is answered without a page.
  const second = newFlow(served);
  const silent = clientAnswer(await browser.follow(await browser.get(second.url), served.issuerUrl));
  assert.ok(silent.get("code"));
});

test("of several keys the first signs, and what an older one signed still signs its person out", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "stowage-issuer-"));
  const newKey = () =>
    generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey.export({ format: "jwk" });
  const older = newKey();
  const keysFile = join(directory, "keys.json");
  writeFileSync(keysFile, JSON.stringify({ keys: [older] }), { mode: 0o600 });
  const before = await serveIssuer(t, { directory });
  await before.issuer.addAccount({ email: "ann@example.com", password: phrase });
  const firstFlow = newFlow(before);
  const code = (await signIn(before, openTestBrowser(), firstFlow)).get("code") ?? "";
  const old = (await exchangeCode(before, firstFlow, code)).body;

  for (let turn = 0; turn < 3; turn += 1) {
    const keys = (JSON.parse(readFileSync(keysFile, "utf8")) as { keys: unknown[] }).keys;
    writeFileSync(keysFile, JSON.stringify({ keys: [newKey(), ...keys] }));
    const served = await serveIssuer(t, { directory, issuerUrl: before.issuerUrl });
    const at = { ...served, issuerUrl: `${served.origin}/oidc`, webRedirect: before.webRedirect };
    const browser = openTestBrowser();
    // Everything that it leads to is the first one's; this browser asks the second for it.
    const flow = newFlow(at);
    const page = await browser.get(flow.url);
    const uid = /interaction\/([\w-]+)/.exec(page.headers.get("location") ?? "")?.[1] ?? "";
    const answer = await browser.post(
      `${at.issuerUrl}/interaction/${uid}/sign-in`,
      { email: "ann@example.com", password: phrase },
      { origin: before.origin },
    );
    const back = await browser.get(
      (answer.headers.get("location") ?? "").replace(before.origin, served.origin),
    );
    const { body } = await exchangeCode(at, flow, clientAnswer(back).get("code") ?? "");
    const [first] = served.issuer.jwks().keys;
    for (const token of [body.access_token, body.id_token])
      assert.equal(decodeProtectedHeader(token ?? "").kid, first?.kid);
    const left = await browser.get(
      `${at.issuerUrl}/end-session?${new URLSearchParams({ id_token_hint: old.id_token ?? "" })}`,
    );
    assert.equal(left.status, 303);
  }
});
