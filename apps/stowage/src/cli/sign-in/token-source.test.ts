import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Credentials } from "./credentials.ts";
import { setUpSignIn } from "./testing/set-up-sign-in.testing.ts";
import type { TestProviderOptions } from "./testing/start-provider.testing.ts";
import { createTokenSource } from "./token-source.ts";

async function signedIn(t: TestContext, options: TestProviderOptions = {}) {
  const scene = await setUpSignIn(t, options);
  assert.equal((await scene.signIn()).status, 0);
  const { file, server, provider } = scene;
  const kept = async () => {
    const credentials = await file.read(server.url);
    assert.ok(credentials);
    return credentials;
  };
  const change = async (changes: Partial<Credentials>) =>
    file.write(server.url, { ...(await kept()), ...changes });
  /** As if it had been so long since. */
  const age = async (seconds: number) => {
    const { accessToken } = await kept();
    const earlier = (time: string) => new Date(Date.parse(time) - seconds * 1000).toISOString();
    const { expiresAt } = accessToken;
    await change({
      accessToken: {
        ...accessToken,
        obtainedAt: earlier(accessToken.obtainedAt),
        ...(expiresAt !== undefined && { expiresAt: earlier(expiresAt) }),
      },
    });
  };
  const renewals = () => provider.asked.filter((what) => what === "token").length - 1;
  return { ...scene, scene, kept, change, age, renewals };
}

test("uses the token that is there while it is good", async (t) => {
  const { run, renewals } = await signedIn(t);
  for (let round = 0; round < 3; round += 1) assert.equal((await run("ls")).status, 0);
  assert.equal(renewals(), 0);
});

test("renews a token before its end, once, and keeps what it got", async (t) => {
  const { run, age, kept, renewals } = await signedIn(t);
  const before = await kept();
  await age(560);
  assert.equal((await run("ls")).status, 0);
  const after = await kept();
  assert.notEqual(after.accessToken.value, before.accessToken.value);
  assert.notEqual(after.refreshToken, before.refreshToken);
  assert.equal(after.signedInAt, before.signedInAt);
  assert.equal((await run("ls")).status, 0);
  assert.equal(renewals(), 1);
});

test("renews a token that the server refuses though its time is not over", async (t) => {
  const { run, kept, provider, renewals } = await signedIn(t);
  (provider.accessTokens as Set<string>).delete((await kept()).accessToken.value);
  assert.equal((await run("ls")).status, 0);
  assert.equal(renewals(), 1);
});

test("many requests of one command at once cost one renewal", async (t) => {
  const { age, run, home, renewals } = await signedIn(t);
  const names = Array.from({ length: 12 }, (_, index) => `${index}.jpg`);
  for (const name of names) await writeFile(join(home, name), name.repeat(100));
  await age(1000);
  const result = await run(`put ${names.join(" ")} --concurrency 8`);
  assert.equal(result.status, 0, result.said);
  assert.equal(renewals(), 1);
});

test("commands at once cost one renewal, and none of them fails", async (t) => {
  const { age, run, renewals } = await signedIn(t);
  await age(1000);
  const results = await Promise.all(Array.from({ length: 6 }, () => run("ls")));
  assert.deepEqual(
    results.map(({ status }) => status),
    results.map(() => 0),
  );
  assert.equal(renewals(), 1);
});

test("goes on with a token that is still good where the issuer does not answer", async (t) => {
  const { age, run, provider, kept } = await signedIn(t);
  await age(560);
  provider.fault = "busy";
  assert.equal((await run("ls")).status, 0);
  assert.ok((await kept()).refreshToken);
});

test("keeps the sign-in where the issuer can't be reached, and says so", async (t) => {
  const { age, run, provider, kept } = await signedIn(t);
  await age(1000);
  const before = await kept();
  provider.fault = "down";
  const away = await run("ls");
  assert.equal(away.status, 1);
  assert.match(
    away.said,
    /^Your sign-in could not be renewed: the issuer http\S+ can't be reached: the connection broke\. Is the server running\?$/m,
  );
  assert.deepEqual(await kept(), before);
  provider.fault = undefined;
  assert.equal((await run("ls")).status, 0, "later it works as if nothing had been");
});

test("forgets a sign-in that has ended at its issuer, and no other, and says how to sign in again", async (t) => {
  const { age, run, provider, file, server, kept } = await signedIn(t);
  const other = { ...(await kept()), issuer: "https://other.example" };
  await file.write("https://other.example", other);
  await age(1000);
  provider.forgetGrants();
  const ended = await run("ls");
  assert.equal(ended.status, 4);
  assert.match(ended.said, /^Your sign-in to http\S+ has ended\.\n\nTo sign in, .*\n\n {2}stowage login\n/m);
  assert.equal(await file.read(server.url), undefined);
  assert.deepEqual(await file.read("https://other.example"), other);
  assert.match((await run("ls")).said, /^You are not signed in to /);
});

test("sends the refresh token to no other issuer than the one that gave it", async (t) => {
  const { scene, age, run, provider, change, kept } = await signedIn(t);
  const stranger = await setUpSignIn(t);
  // What the server names now concerns the next sign-in, and not this one's token.
  scene.metadata = { ...scene.metadata, authorization_servers: [stranger.provider.issuer] };
  await age(1000);
  assert.equal((await run("ls")).status, 0);
  assert.deepEqual(stranger.provider.asked, []);

  // What answers in the issuer's place names another in its document: it gets nothing.
  await change({ issuer: `${provider.issuer}/other` });
  await age(1000);
  const asked = provider.asked.length;
  const { status, said } = await run("ls");
  assert.equal(status, 1, said);
  assert.match(said, /answers, but not as an issuer does/);
  assert.equal(provider.asked.length, asked);
  assert.ok((await kept()).refreshToken);
});

test("asks nobody over plain http who is not on this machine", async (t) => {
  const { age, run, change } = await signedIn(t);
  await age(1000);
  await change({ issuer: "http://id.example" });
  const { status, said } = await run("ls");
  assert.equal(status, 4);
  assert.match(
    said,
    /the issuer http:\/\/id\.example wants to be reached without https, which is not safe\./,
  );
});

test("a sign-in without a refresh token lasts as long as its access token, and says so", async (t) => {
  const { age, run } = await signedIn(t, { refreshTokens: false });
  const who = await run("whoami");
  assert.match(who.out, /^Signed in: +by stowage login of .*, until .* \(10 min from now\)$/m);
  await age(590);
  assert.equal((await run("ls")).status, 0);
  await age(1000);
  const over = await run("ls");
  assert.equal(over.status, 4);
  assert.match(over.said, /Your sign-in to http\S+ has come to its end\./);
});

test("whoever signs out or in as another while a command runs is not mixed up with whom it began as", async (t) => {
  const { kept, age, change, file, server } = await signedIn(t);
  const source = (credentials: Credentials) =>
    createTokenSource({ file, server: server.url, credentials, holdOpen: () => undefined, nowMs: Date.now });
  await age(1000);
  const getToken = source(await kept());
  await change({ subject: "ben" });
  await assert.rejects(getToken(), { name: "NotSignedInError", message: /Somebody else has signed in/ });
  const again = source(await kept());
  await file.write(server.url, undefined);
  await assert.rejects(again(), { name: "NotSignedInError", message: /You have signed out of/ });
});

test("a command that is stopped while it renews keeps what it got", async (t) => {
  const { age, kept, run, env } = await signedIn(t);
  await age(1000);
  const before = await kept();
  const stopped = new AbortController();
  const running = run("ls", { env, signal: stopped.signal });
  setImmediate(() => stopped.abort());
  assert.ok([0, 130].includes((await running).status));
  const after = await kept();
  if (after.refreshToken === before.refreshToken) assert.equal((await run("ls")).status, 0);
  assert.equal((await run("ls")).status, 0);
});
