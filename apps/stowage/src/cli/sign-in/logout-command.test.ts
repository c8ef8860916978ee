import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { test } from "node:test";
import { jsonValues } from "../testing/captured-run.ts";
import { setUpSignIn } from "./testing/set-up-sign-in.testing.ts";

test("ends the sign-in at its issuer and forgets it", async (t) => {
  const { provider, server, signIn, run, file } = await setUpSignIn(t);
  await signIn();
  const before = await file.read(server.url);
  const { status, out, said } = await run("logout");
  assert.deepEqual([status, said], [0, ""]);
  assert.equal(out, `You are signed out of ${server.url} (someone@example.test).\n`);
  assert.deepEqual(provider.asked.at(-1), "revocation");
  assert.equal((await run("ls")).status, 4);
  assert.ok(before);
  await file.write(server.url, {
    ...before,
    accessToken: { ...before.accessToken, expiresAt: before.accessToken.obtainedAt },
  });
  const again = await run("ls");
  assert.equal(again.status, 4, "the refresh token is good for nothing any more");
  assert.match(again.said, /has ended/);
});

test("is fine with nobody signed in", async (t) => {
  const { server, run } = await setUpSignIn(t);
  const { status, said } = await run("logout");
  assert.deepEqual([status, said], [0, `You are not signed in to ${server.url}.\n`]);
  assert.deepEqual(jsonValues(await run("logout --json")), [{ server: server.url, signedOut: false }]);
  assert.equal((await run("logout --all")).said, "You are signed in to no server.\n");
});

test("forgets all the same where the issuer does not answer, and says what could not be done", async (t) => {
  const { provider, server, signIn, run, file } = await setUpSignIn(t);
  await signIn();
  provider.fault = "down";
  const { status, said, out } = await run("logout --json");
  assert.equal(status, 1);
  assert.match(said, /forgotten here, but could not be ended at its issuer: http\S+ can't be reached: /);
  assert.deepEqual(JSON.parse(out), { server: server.url, signedOut: true, revoked: false });
  assert.equal(await file.read(server.url), undefined);
});

test("--everywhere has the server end all sign-ins first, and leaves this one where it does not", async (t) => {
  const scene = await setUpSignIn(t);
  const { provider, server, signIn, run, file } = scene;
  await signIn();
  scene.everywhereReply = { status: 503, body: "" };
  const failed = await run("logout --everywhere");
  assert.equal(failed.status, 1);
  assert.match(failed.said, /did not end your sign-ins \(it answered 503\): you are still signed in/);
  assert.ok(await file.read(server.url));
  assert.notDeepEqual(provider.asked.at(-1), "revocation");
  scene.everywhereReply = { status: 204, body: "" };
  assert.equal((await run("logout --everywhere")).status, 0);
  assert.equal(await file.read(server.url), undefined);
});

test("--all ends every sign-in, and says which could not be", async (t) => {
  const { server, signIn, run, file } = await setUpSignIn(t);
  await signIn();
  const here = await file.read(server.url);
  assert.ok(here);
  await file.write("https://gone.example", { ...here, issuer: "http://127.0.0.1:1" });
  const { status, out, said } = await run("logout --all");
  assert.equal(status, 3);
  assert.equal(out.trimEnd().split("\n").length, 2);
  assert.match(said, /could not be ended at its issuer: http:\/\/127\.0\.0\.1:1/);
  assert.deepEqual(await file.servers(), []);
  assert.equal((await run(`logout --all --server ${server.url}`)).status, 2);
});

test("--browser shows where to sign out in the browser too", async (t) => {
  const { provider, signIn, run } = await setUpSignIn(t);
  await signIn();
  const { said } = await run("logout --browser");
  assert.match(said, new RegExp(`^ {2}${provider.issuer}/session/end\\?client_id=stowage-cli$`, "m"));
});

test("says that a token in the environment works on", async (t) => {
  const { env, run } = await setUpSignIn(t);
  const { said } = await run("logout", { env: { ...env, STOWAGE_TOKEN: "x" } });
  assert.match(said, /STOWAGE_TOKEN is still set, and works until it ends: unset STOWAGE_TOKEN\./);
});

test("says that a damaged file can't be ended, and where it went", async (t) => {
  const { run, file } = await setUpSignIn(t);
  await file.prepare();
  await writeFile(file.path, "{");
  const one = await run("logout");
  assert.equal(one.status, 4);
  const all = await run("logout --all");
  assert.equal(all.status, 1);
  assert.match(
    all.said,
    /It was moved to \S+: what it holds could not be ended at its issuers\. Delete it\./,
  );
});
