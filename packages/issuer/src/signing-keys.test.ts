import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { calculateJwkThumbprint, type JWK } from "jose";
import { IssuerDirectoryError } from "./errors.ts";
import { openSigningKeys } from "./signing-keys.ts";

function newDirectory(t: TestContext): { directory: string; path: string } {
  const directory = mkdtempSync(join(tmpdir(), "stowage-issuer-"));
  t.after(() => rmSync(directory, { recursive: true }));
  return { directory, path: join(directory, "keys.json") };
}

const rsaJwk = (modulusLength: number): JWK =>
  generateKeyPairSync("rsa", { modulusLength }).privateKey.export({ format: "jwk" });

test("a new key is RSA of 2,048 bits, named by its RFC 7638 thumbprint, in a file of mode 0600", async (t) => {
  const { directory, path } = newDirectory(t);
  const { signing, publicKeys } = await openSigningKeys(directory);
  assert.equal(signing.privateKey.asymmetricKeyDetails?.modulusLength, 2048);
  assert.equal(publicKeys.length, 1);
  const [key = {}] = publicKeys;
  assert.equal(key.kid, signing.kid);
  assert.equal(await calculateJwkThumbprint(key), key.kid);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test("the key stays the same from one opening to the next, also after its file became readable", async (t) => {
  const { directory, path } = newDirectory(t);
  const first = await openSigningKeys(directory);
  chmodSync(path, 0o644);
  const second = await openSigningKeys(directory);
  assert.deepEqual(second.publicKeys, first.publicKeys);
  assert.equal(statSync(path).mode & 0o777, 0o600);
});

test("openers at once agree on one key", async (t) => {
  const { directory } = newDirectory(t);
  const opened = await Promise.all(Array.from({ length: 3 }, () => openSigningKeys(directory)));
  assert.equal(new Set(opened.map(({ signing }) => signing.kid)).size, 1);
});

test("of several keys the first signs and all are published, by their public members alone", async (t) => {
  const { directory, path } = newDirectory(t);
  const keys = [rsaJwk(2048), { ...rsaJwk(3072), kid: "not to be trusted", x5u: "https://example.com/" }];
  writeFileSync(path, JSON.stringify({ keys }));
  const { signing, publicKeys } = await openSigningKeys(directory);
  assert.deepEqual(
    publicKeys.map(({ n }) => n),
    keys.map(({ n }) => n),
  );
  assert.equal(signing.kid, publicKeys[0]?.kid);
  assert.equal(publicKeys[1]?.kid, await calculateJwkThumbprint(keys[1] ?? {}));
  for (const key of publicKeys)
    assert.deepEqual(Object.keys(key).sort(), ["alg", "e", "kid", "kty", "n", "use"]);
});

const { kty, n = "", e } = rsaJwk(2048);
for (const [what, text] of [
  ["an empty file", ""],
  ["a cut file", `{"keys":[{"kty":"RSA","d":"SECRET-SECRET`],
  ["no key set", "[]"],
  ["an empty key set", '{"keys":[]}'],
  ["a public key", JSON.stringify({ keys: [{ kty, n, e }] })],
  ["a member of another type", JSON.stringify({ keys: [{ kty, n, e, d: { secret: "SECRET-SECRET" } }] })],
  ["a short key", JSON.stringify({ keys: [rsaJwk(1024)] })],
  ["a key of another kind", JSON.stringify({ keys: [{ kty: "oct", k: "SECRET-SECRET" }] })],
  ["a bad second key", JSON.stringify({ keys: [rsaJwk(2048), null] })],
] as const)
  test(`${what} is refused, never written over, and its text never shown`, async (t) => {
    const { directory, path } = newDirectory(t);
    writeFileSync(path, text);
    await assert.rejects(openSigningKeys(directory), (error) => {
      assert.ok(error instanceof IssuerDirectoryError);
      assert.equal(error.path, path);
      assert.equal(error.cause, undefined);
      assert.ok(!error.message.includes("SECRET"));
      return true;
    });
    assert.equal(readFileSync(path, "utf8"), text);
  });
