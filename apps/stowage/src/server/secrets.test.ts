import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { capabilityKeyOf, openSecrets, webSessionKeyOf } from "./secrets.ts";

let dataDir = "";
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "stowage-secrets-"));
});
afterEach(() => rmSync(dataDir, { recursive: true }));

test("secrets are made once, are 256 bits, and only their owner can read them", async () => {
  const first = await openSecrets(dataDir);
  assert.equal(Buffer.from(first.masterKey, "base64").length, 32);
  assert.deepEqual(await openSecrets(dataDir), first);
  assert.equal(statSync(join(dataDir, "secrets.json")).mode & 0o777, 0o600);
});

test("a directory made before the store had a secret gets one that stays, and its file is left alone", async () => {
  const file = join(dataDir, "secrets.json");
  const { storeEventsSecret, ...old } = await openSecrets(dataDir);
  writeFileSync(file, JSON.stringify(old));
  const opened = await openSecrets(dataDir);
  assert.match(opened.storeEventsSecret, /^[A-Za-z0-9_-]{40}$/);
  assert.notEqual(opened.storeEventsSecret, storeEventsSecret);
  assert.deepEqual(await openSecrets(dataDir), opened);
  assert.equal(readFileSync(file, "utf8"), JSON.stringify(old));
});

test("the keys of sessions and of capability tokens are 256 bits, the same at every start, and no other secret", async () => {
  const secrets = await openSecrets(dataDir);
  const keys = [webSessionKeyOf, capabilityKeyOf].map((keyOf) => Buffer.from(keyOf(secrets)));
  for (const { byteLength } of keys) assert.equal(byteLength, 32);
  const again = await openSecrets(dataDir);
  assert.deepEqual(
    [webSessionKeyOf, capabilityKeyOf].map((keyOf) => Buffer.from(keyOf(again))),
    keys,
  );
  const all = [secrets.masterKey, ...keys.map((key) => key.toString("base64"))];
  assert.equal(new Set(all).size, 3);
});

test("first calls at once agree on one, and leave nothing else behind", async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => openSecrets(dataDir)));
  assert.equal(new Set(all.map(({ masterKey }) => masterKey)).size, 1);
  assert.deepEqual(readdirSync(dataDir), ["secrets.json"]);
});

test("a damaged file is never replaced: its files could not be read any more", async () => {
  writeFileSync(join(dataDir, "secrets.json"), '{"masterKey":"abc"}');
  await assert.rejects(openSecrets(dataDir), /damaged/);
});
