import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
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

test("no file of the directory holds what a browser or a client holds: no cookie, code or refresh token", async (t) => {
  const served = await serveIssuer(t);
  await served.issuer.addAccount({ email: "ann@example.com", password: phrase });
  const browser = openTestBrowser();
  const unfinished = openTestBrowser();
  await unfinished.get(newFlow(served).url);
  const flow = newFlow(served);
  const code = (await signIn(served, browser, flow)).get("code") ?? "";
  const { body } = await exchangeCode(served, flow, code);
  const again = (await refresh(served, body.refresh_token ?? "")).body;
  // Signed in already: the interaction knows the session.
  await browser.get(newFlow(served, { prompt: "login" }).url);
  const secrets = [
    code,
    body.refresh_token ?? "",
    again.refresh_token ?? "",
    ...[...browser.cookies, ...unfinished.cookies].map(({ value }) => value),
  ];
  assert.ok(secrets.length >= 7 && secrets.every((secret) => secret.length >= 20));
  const files = readdirSync(served.directory).map((file) =>
    readFileSync(join(served.directory, file), "latin1"),
  );
  const stored = files.join("\n");
  assert.ok(stored.includes("ann@example.com"));
  for (const secret of secrets) assert.ok(!stored.includes(secret));
});

test("what has expired is swept by what is written after it, grants with the last of theirs", async (t) => {
  let nowMs = Date.now();
  const served = await serveIssuer(t, { now: () => new Date(nowMs) });
  await served.issuer.addAccount({ email: "ann@example.com", password: phrase });
  const database = new DatabaseSync(join(served.directory, "issuer.sqlite"));
  t.after(() => database.close());
  const count = () => Number(database.prepare("SELECT count(*) AS n FROM protocol_records").get()?.n);
  const models = () =>
    database
      .prepare("SELECT DISTINCT model FROM protocol_records ORDER BY model")
      .all()
      .map(({ model }) => model);
  const token = async () => {
    const flow = newFlow(served);
    const code = (await signIn(served, openTestBrowser(), flow)).get("code") ?? "";
    return (await exchangeCode(served, flow, code)).body.refresh_token ?? "";
  };
  await token();
  await signIn(served, openTestBrowser(), newFlow(served));
  for (let request = 0; request < 30; request += 1) await fetch(newFlow(served).url, { redirect: "manual" });
  assert.deepEqual(models(), ["AuthorizationCode", "Grant", "Interaction", "RefreshToken", "Session"]);
  assert.ok(count() > 30);

  // Codes and interactions are over, and so is the grant whose code nobody took.
  nowMs += 2 * 3600 * 1000;
  const living = await token();
  const grants = () => database.prepare("SELECT grant_id FROM protocol_records WHERE model = 'Grant'").all();
  assert.equal(grants().length, 2);
  assert.equal(count(), 2 + 3 + 2 + 1);

  nowMs += 29 * 24 * 3600 * 1000;
  const next = (await refresh(served, living)).body.refresh_token;
  assert.ok(next);
  nowMs += 3 * 24 * 3600 * 1000;
  await fetch(newFlow(served).url, { redirect: "manual" });
  assert.deepEqual(models(), ["Grant", "Interaction", "RefreshToken"]);
  assert.equal(grants().length, 1);
});

test("sessions, interactions and refresh tokens are the same for every process on the directory, and after a restart", async (t) => {
  const first = await serveIssuer(t);
  await first.issuer.addAccount({ email: "ann@example.com", password: phrase });
  // The other process answers under the first one's name, as behind a proxy.
  const second = await serveIssuer(t, {
    directory: first.directory,
    issuerUrl: first.issuerUrl,
  });
  const crossing = (url: string) => url.replace(first.origin, second.origin);
  const browser = openTestBrowser();
  const flow = newFlow(first);
  const page = await browser.get(flow.url);
  const uid = /interaction\/([\w-]+)/.exec(page.headers.get("location") ?? "")?.[1] ?? "";
  const form = { email: "ann@example.com", password: phrase };
  const signedIn = await browser.post(`${second.origin}/oidc/interaction/${uid}/sign-in`, form, {
    origin: first.origin,
  });
  assert.equal(signedIn.status, 303, await signedIn.text());
  const back = await browser.get(crossing(signedIn.headers.get("location") ?? ""));
  const code = new URL(back.headers.get("location") ?? "").searchParams.get("code") ?? "";
  const { body } = await exchangeCode(first, flow, code);
  const other = await refresh({ ...first, issuerUrl: `${second.origin}/oidc` }, body.refresh_token ?? "");
  assert.equal(other.status, 200);
  assert.equal((await refresh(first, other.body.refresh_token ?? "")).status, 200);
});
