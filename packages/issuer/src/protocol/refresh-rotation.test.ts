import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import {
  exchangeCode,
  newFlow,
  phrase,
  refresh,
  serveIssuer,
  signIn,
} from "../testing/served-issuer.testing.ts";
import { openTestBrowser } from "../testing/test-browser.testing.ts";

/** An issuer with a clock of its own, and somebody signed in. */
async function signedIn(t: TestContext) {
  let nowMs = Date.now();
  const served = await serveIssuer(t, { now: () => new Date(nowMs) });
  await served.issuer.addAccount({ email: "ann@example.com", password: phrase });
  const begin = async (clientId = "stowage-web") => {
    const flow = newFlow(served, { client_id: clientId });
    const answer = await signIn(served, openTestBrowser(), flow);
    const { body } = await exchangeCode(served, flow, answer.get("code") ?? "");
    assert.ok(body.refresh_token, JSON.stringify(body));
    return body.refresh_token;
  };
  const turn = async (token: string, clientId?: string) => {
    const { status, body } = await refresh(served, token, clientId);
    if (status !== 200) {
      assert.equal(status, 400);
      assert.equal(body.error, "invalid_grant");
      return undefined;
    }
    return body.refresh_token ?? "";
  };
  return {
    served,
    begin,
    turn,
    pass: (seconds: number) => {
      nowMs += seconds * 1000;
    },
  };
}

test("each use of a refresh token gives another, and the chain goes on", async (t) => {
  const { begin, turn, pass } = await signedIn(t);
  const seen = new Set<string>();
  let token = await begin();
  for (let use = 0; use < 4; use += 1) {
    seen.add(token);
    token = (await turn(token)) ?? "";
    assert.ok(token);
    pass(600);
  }
  assert.equal(seen.has(token), false);
});

test("a used one answers again for 30 seconds from its first use, however often, and the window does not grow", async (t) => {
  const { begin, turn, pass } = await signedIn(t);
  const first = await begin();
  const answers = [await turn(first)];
  pass(14);
  answers.push(await turn(first));
  pass(15);
  answers.push(await turn(first));
  assert.equal(new Set(answers).size, 3);
  for (const answer of answers) assert.ok(await turn(answer ?? ""), "every answer of the window is good");

  pass(2);
  assert.equal(await turn(first), undefined);
});

test("its use after the window ends the whole family: the token in use with it", async (t) => {
  const { served, begin, turn, pass } = await signedIn(t);
  const [first, other] = [await begin(), await begin()];
  const second = (await turn(first)) ?? "";
  const third = (await turn(second)) ?? "";
  assert.ok(third);
  pass(31);
  assert.equal(await turn(first), undefined);
  for (const token of [first, second, third]) assert.equal(await turn(token), undefined);
  assert.deepEqual(
    served.events.filter(({ type }) => type === "refresh-reused"),
    [
      {
        type: "refresh-reused",
        accountId: served.issuer.findAccount("ann@example.com")?.id,
        clientId: "stowage-web",
      },
    ],
  );
  assert.ok(await turn(other), "another sign-in is another family");
});

test("uses at once, of one token and of a token with its successor, all end in the same living family", async (t) => {
  const { begin, turn } = await signedIn(t);
  const first = await begin();
  const answers = await Promise.all(Array.from({ length: 8 }, () => turn(first)));
  assert.equal(new Set(answers).size, 8);
  const next = answers[0] ?? "";
  const mixed = await Promise.all([first, next, first, next].map((token) => turn(token)));
  for (const token of mixed) assert.ok(token && (await turn(token)));
});

test("a refresh under way while the family ends leaves nothing that lives", async (t) => {
  const { begin, turn, pass } = await signedIn(t);
  const first = await begin();
  const second = (await turn(first)) ?? "";
  pass(31);
  const answers = await Promise.all([turn(second), turn(first), turn(second), turn(first), turn(second)]);
  for (const token of answers) if (token !== undefined) assert.equal(await turn(token), undefined);
});

test("a month without use ends it, a use in between starts the month again", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
  const served = await serveIssuer(t, { now: () => new Date() });
  await served.issuer.addAccount({ email: "ann@example.com", password: phrase });
  const flow = newFlow(served);
  const answer = await signIn(served, openTestBrowser(), flow);
  let token = (await exchangeCode(served, flow, answer.get("code") ?? "")).body.refresh_token ?? "";
  const day = 24 * 3600 * 1000;
  for (let month = 0; month < 3; month += 1) {
    t.mock.timers.tick(29 * day);
    token = (await refresh(served, token)).body.refresh_token ?? "";
    assert.ok(token);
  }
  t.mock.timers.tick(30 * day);
  const late = await refresh(served, token);
  assert.equal(late.body.error, "invalid_grant");
});

test("a year after the sign-in it ends whatever happens", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
  const served = await serveIssuer(t, { now: () => new Date() });
  await served.issuer.addAccount({ email: "ann@example.com", password: phrase });
  const flow = newFlow(served);
  const answer = await signIn(served, openTestBrowser(), flow);
  let token = (await exchangeCode(served, flow, answer.get("code") ?? "")).body.refresh_token;
  let months = 0;
  while (token !== undefined && months < 20) {
    t.mock.timers.tick(29 * 24 * 3600 * 1000);
    token = (await refresh(served, token)).body.refresh_token;
    months += 1;
  }
  assert.equal(months, 13);
});

test("a token is its client's alone", async (t) => {
  const { begin, turn } = await signedIn(t);
  const token = await begin("stowage-cli");
  assert.equal(await turn(token, "stowage-web"), undefined);
  assert.ok(await turn(token, "stowage-cli"));
});

test("revoking one ends what it was turned into, and no other sign-in", async (t) => {
  const { served, begin, turn } = await signedIn(t);
  const [first, other] = [await begin("stowage-cli"), await begin("stowage-cli")];
  const second = (await turn(first, "stowage-cli")) ?? "";
  const revoke = (token: string, clientId: string) =>
    fetch(`${served.issuerUrl}/revocation`, {
      method: "POST",
      body: new URLSearchParams({ token, client_id: clientId }),
    });
  assert.equal((await revoke(second, "stowage-web")).status, 200);
  const third = (await turn(second, "stowage-cli")) ?? "";
  assert.ok(third, "another client's request changes nothing");
  assert.equal((await revoke(second, "stowage-cli")).status, 200);
  for (const token of [second, third]) assert.equal(await turn(token, "stowage-cli"), undefined);
  assert.ok(await turn(other, "stowage-cli"));
  assert.equal((await revoke("no token", "stowage-cli")).status, 200);
});

test("who is an operator no more gets no more of an operator's tokens", async (t) => {
  const { served, turn } = await signedIn(t);
  await served.issuer.addAccount({ email: "op@example.com", password: phrase, operator: true });
  const flow = newFlow(served, { scope: "openid offline_access files:read operations:read" });
  const answer = await signIn(served, openTestBrowser(), flow, { email: "op@example.com" });
  const { body } = await exchangeCode(served, flow, answer.get("code") ?? "");
  assert.equal(body.scope, "files:read operations:read");
  const { DatabaseSync } = await import("node:sqlite");
  const database = new DatabaseSync(`${served.directory}/issuer.sqlite`);
  database.exec("UPDATE accounts SET operator = 0");
  database.close();
  const after = await refresh(served, body.refresh_token ?? "");
  assert.equal(after.body.scope, "files:read");
  assert.ok(await turn(after.body.refresh_token ?? ""));
});
