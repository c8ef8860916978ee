import assert from "node:assert/strict";
import { test } from "node:test";
import { formAction, newFlow, phrase, serveIssuer } from "../testing/served-issuer.testing.ts";
import { openTestBrowser } from "../testing/test-browser.testing.ts";

const byTestAddress = ({ headers }: { headers: Record<string, unknown> }) =>
  String(headers["x-test-address"] ?? "192.0.2.1");

test("a request to sign in that says too much is refused and leaves nothing behind", async (t) => {
  const served = await serveIssuer(t);
  for (const name of ["state", "nonce", "scope", "anything"]) {
    const response = await fetch(newFlow(served, { [name]: "x".repeat(4_000) }).url, { redirect: "manual" });
    assert.equal(response.status, 414, name);
    assert.match(await response.text(), /4096 characters at most/);
    assert.deepEqual(response.headers.getSetCookie(), []);
  }
  const longest = newFlow(served, { state: "s".repeat(2_000) });
  assert.equal((await fetch(longest.url, { redirect: "manual" })).status, 303);
});

test("three hundred sign-ins an hour begin at one address, the next ones wait; one that was begun goes on", async (t) => {
  let nowMs = Date.now();
  const served = await serveIssuer(t, { now: () => new Date(nowMs), clientAddress: byTestAddress });
  await served.issuer.addAccount({ email: "ann@example.com", password: phrase });
  const begin = (address?: string) =>
    fetch(newFlow(served).url, {
      redirect: "manual",
      headers: address === undefined ? {} : { "x-test-address": address },
    });
  const browser = openTestBrowser();
  const page = await browser.follow(await browser.get(newFlow(served).url), served.issuerUrl);
  for (let count = 1; count < 300; count += 1) assert.equal((await begin()).status, 303);

  const refused = await begin();
  assert.equal(refused.status, 429);
  assert.equal(refused.headers.get("retry-after"), "10");
  assert.match(await refused.text(), /Try again in 10 seconds/);
  assert.equal((await begin("192.0.2.2")).status, 303);
  const answer = await browser.post(await formAction(page), { email: "ann@example.com", password: phrase });
  const end = await browser.follow(answer, served.issuerUrl);
  assert.match(end.headers.get("location") ?? "", /code=/);

  nowMs += 10_000;
  assert.equal((await begin()).status, 303);
  assert.equal((await begin()).headers.get("retry-after"), "20");
  nowMs += 3_600_000;
  assert.equal((await begin()).status, 303);
});
