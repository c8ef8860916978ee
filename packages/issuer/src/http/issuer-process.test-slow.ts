import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type Issuer, openIssuer } from "../index.ts";
import { type IssuerProcess, startIssuerProcess } from "../testing/issuer-process.testing.ts";
import {
  exchangeCode,
  formAction,
  newFlow,
  phrase,
  refresh,
  signIn,
} from "../testing/served-issuer.testing.ts";
import { openTestBrowser } from "../testing/test-browser.testing.ts";

const kills = 12;

function newDirectory(t: TestContext): string {
  const parent = mkdtempSync(join(tmpdir(), "stowage-issuer-"));
  t.after(() => rmSync(parent, { recursive: true }));
  return join(parent, "issuer");
}

const placeOf = ({ port }: Pick<IssuerProcess, "port">) => {
  const origin = `http://localhost:${port}`;
  return { port, origin, issuerUrl: `${origin}/oidc`, webRedirect: `${origin}/session/callback` };
};

async function firstToken(place: ReturnType<typeof placeOf>, email: string): Promise<string> {
  const flow = newFlow(place);
  const answer = await signIn(place, openTestBrowser(), flow, { email });
  const { body } = await exchangeCode(place, flow, answer.get("code") ?? "");
  assert.ok(body.refresh_token);
  return body.refresh_token;
}

test(`killed ${kills} times at any moment, it keeps every account, session and refresh token that it had answered with`, async (t) => {
  const directory = newDirectory(t);
  let child = await startIssuerProcess(directory);
  t.after(() => child.kill());
  const place = placeOf(child);
  const made: string[] = [];
  const signUp = async (email: string) => {
    const browser = openTestBrowser();
    const { url } = newFlow(place, { prompt: "create" });
    const page = await browser.follow(await browser.get(url), place.issuerUrl);
    const form = { email, password: phrase, "password-again": phrase };
    const answer = await browser.post(await formAction(page), form);
    assert.equal(answer.status, 303);
    made.push(email);
  };
  await signUp("ann@example.com");
  let token = await firstToken(place, "ann@example.com");
  let answered = 0;
  let unanswered = 0;
  for (let round = 0; round < kills; round += 1) {
    let isAlive = true;
    const refreshing = (async () => {
      while (isAlive) {
        const { status, body } = await refresh(place, token);
        assert.equal(status, 200, JSON.stringify(body));
        token = body.refresh_token ?? "";
        answered += 1;
      }
    })();
    const signingUp = (async () => {
      for (let each = 0; isAlive; each += 1) await signUp(`p${round}n${each}@example.com`);
    })();
    const work = Promise.allSettled([refreshing, signingUp]);
    await sleep(50 + Math.random() * 250);
    await child.kill();
    isAlive = false;
    for (const outcome of await work) {
      if (outcome.status === "fulfilled") continue;
      // Only what the kill cut off.
      assert.ok(outcome.reason instanceof TypeError, String(outcome.reason));
      unanswered += 1;
    }
    child = await startIssuerProcess(directory, { port: place.port });
    // What was answered last is good, whether its next use was lost or not.
    const { status, body } = await refresh(place, token);
    assert.equal(status, 200, `after kill ${round}: ${JSON.stringify(body)}`);
    token = body.refresh_token ?? "";
  }
  assert.ok(answered > kills && unanswered > 0, `${answered} answered, ${unanswered} cut off`);
  await child.kill();

  const database = new DatabaseSync(join(directory, "issuer.sqlite"));
  assert.deepEqual({ ...database.prepare("PRAGMA integrity_check").get() }, { integrity_check: "ok" });
  database.close();
  const issuer = await openIssuer({ directory });
  t.after(() => issuer.close());
  for (const email of made) assert.ok(await issuer.verifyPassword(email, phrase), email);
});

test("two processes on one directory share everything, and neither fails because of the other", async (t) => {
  const directory = newDirectory(t);
  const first = await startIssuerProcess(directory);
  t.after(() => first.kill());
  const place = placeOf(first);
  const second = await startIssuerProcess(directory, { issuerUrl: place.issuerUrl });
  t.after(() => second.kill());
  const other = { ...place, issuerUrl: placeOf(second).issuerUrl };
  const issuer: Issuer = await openIssuer({ directory });
  t.after(() => issuer.close());
  await issuer.addAccount({ email: "ann@example.com", password: phrase });

  // Of one token's many uses at once, by both, every answer lives.
  const token = await firstToken(place, "ann@example.com");
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, index) => refresh(index % 2 === 0 ? place : other, token)),
  );
  const statuses = new Set(answers.map(({ status }) => status));
  assert.deepEqual([...statuses], [200]);
  for (const { body } of answers.slice(0, 4))
    assert.equal((await refresh(other, body.refresh_token ?? "")).status, 200);

  // One link, used at both at once.
  const { path } = await issuer.invite({ expiresInSeconds: 600 });
  const used = await Promise.all(
    Array.from({ length: 8 }, async (_, index) => {
      const { issuerUrl } = index % 2 === 0 ? place : other;
      const form = { email: `p${index}@example.com`, password: phrase, "password-again": phrase };
      const response = await openTestBrowser().post(`${issuerUrl}/${path}`, form, { origin: place.origin });
      return response.status;
    }),
  );
  assert.deepEqual(used.sort(), [303, 404, 404, 404, 404, 404, 404, 404]);

  // A password that a third process sets ends it at both.
  const living = answers.at(-1)?.body.refresh_token ?? "";
  await issuer.setPassword("ann@example.com", "seven riverboats at dawn");
  for (const at of [place, other]) assert.equal((await refresh(at, living)).status, 400);
});
