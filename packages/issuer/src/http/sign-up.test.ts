import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  clientAnswer,
  exchangeCode,
  formAction,
  newFlow,
  phrase,
  serveIssuer,
} from "../testing/served-issuer.testing.ts";
import { openTestBrowser } from "../testing/test-browser.testing.ts";

async function openSignUp(t: TestContext, options: Parameters<typeof serveIssuer>[1] = {}) {
  const served = await serveIssuer(t, options);
  const browser = openTestBrowser();
  const flow = newFlow(served, { prompt: "create" });
  const page = await browser.follow(await browser.get(flow.url), served.issuerUrl);
  return { served, browser, flow, page };
}

test("a mistake is said by its field, and nothing that was typed is lost but the passwords", async (t) => {
  const { served, browser, page } = await openSignUp(t);
  const action = await formAction(page);
  const typed = { name: "Zoë <b>", email: "zoe@example.com", password: phrase, "password-again": phrase };
  for (const [change, field, sentence] of [
    [{ password: "short", "password-again": "short" }, "password", /fewer than 15 characters/],
    [{ "password-again": `${phrase}x` }, "password-again", /not the same/],
    [{ email: "zoe" }, "email", /not an e-mail address: it has no @/],
    [{ name: "Z\u202eoë" }, "name", /The name contains/],
    [{ password: "zoe@example.com", "password-again": "zoe@example.com" }, "password", /little more than/],
  ] as const) {
    const form = { ...typed, ...change };
    const response = await browser.post(action, form);
    const text = await response.text();
    assert.equal(response.status, 422);
    assert.match(text, sentence);
    assert.match(text, /<title>Error: Create an account – Stowage<\/title>/);
    assert.match(text, new RegExp(`<a href="#${field}">`));
    assert.match(
      text,
      new RegExp(`id="${field}"[^>]*aria-invalid="true"[^>]*aria-describedby="${field}-problem`),
    );
    assert.match(text, /role="alert" tabindex="-1" autofocus/);
    assert.ok(!text.includes(phrase) && !text.includes('value="short"'));
    if (form.email === typed.email) assert.match(text, /value="zoe@example\.com"/);
    if (form.name === typed.name) assert.match(text, /value="Zoë &lt;b&gt;"/);
    assert.ok(!text.includes("<b>"));
  }
  assert.deepEqual(served.issuer.listAccounts(), []);
});

test("an address of one's own making is not verified", async (t) => {
  const { served, browser, flow, page } = await openSignUp(t);
  const form = { name: "", email: "bob@example.com", password: phrase, "password-again": phrase };
  const answer = clientAnswer(
    await browser.follow(await browser.post(await formAction(page), form), served.issuerUrl),
  );
  const { body } = await exchangeCode(served, flow, answer.get("code") ?? "");
  const [, payload = ""] = (body.access_token ?? "").split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<string, unknown>;
  assert.equal(claims.email_verified, false);
  assert.equal("name" in claims, false);
});

test("who has an account already and gives its password is signed in", async (t) => {
  const { served, browser, page } = await openSignUp(t);
  await served.issuer.addAccount({ email: "ann@example.com", password: phrase });
  const form = { email: "Ann@example.com", password: phrase, "password-again": phrase };
  const response = await browser.post(await formAction(page), form);
  assert.ok(clientAnswer(await browser.follow(response, served.issuerUrl)).get("code"));
  assert.equal(served.issuer.listAccounts().length, 1);
});

test("where strangers may not sign up, nobody does: not by the prompt, not by the page's address", async (t) => {
  const { served, browser, page } = await openSignUp(t, { signUp: "invited" });
  const text = await page.clone().text();
  assert.match(text, /<h1>Sign in<\/h1>/);
  assert.ok(!text.includes("Create an account"));
  const action = (await formAction(page)).replace("/sign-in", "/sign-up");
  const form = { email: "bob@example.com", password: phrase, "password-again": phrase };
  const response = await browser.post(action, form);
  assert.equal(response.status, 200);
  assert.match(await response.text(), /<h1>Sign in<\/h1>/);
  assert.deepEqual(served.issuer.listAccounts(), []);
});
