import assert from "node:assert/strict";
import { argon2Sync } from "node:crypto";
import { test } from "node:test";
import { hashPassword, verifyPasswordHash } from "./password-hash.ts";

test("a hash is argon2id at 19 MiB and two passes, and verifies its password only", async () => {
  const hash = await hashPassword("correct horse battery staple");
  assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.equal(await verifyPasswordHash(hash, "correct horse battery staple"), true);
  assert.equal(await verifyPasswordHash(hash, "Correct horse battery staple"), false);
  assert.equal(await verifyPasswordHash(hash, ""), false);
});

test("one password has another hash each time", async () => {
  assert.notEqual(
    await hashPassword("correct horse battery staple"),
    await hashPassword("correct horse battery staple"),
  );
});

test("the other Unicode form of a password is the same password", async () => {
  const hash = await hashPassword("zoë's horse battery");
  assert.equal(await verifyPasswordHash(hash, "zoe\u0308's horse battery"), true);
});

test("a hash of other costs goes on working", async () => {
  const nonce = Buffer.alloc(16, 7);
  const tag = argon2Sync("argon2id", {
    message: "old",
    nonce,
    parallelism: 2,
    tagLength: 24,
    memory: 64,
    passes: 1,
  });
  const hash = `$argon2id$v=19$m=64,t=1,p=2$${nonce.toString("base64").replaceAll("=", "")}$${tag.toString("base64")}`;
  assert.equal(await verifyPasswordHash(hash, "old"), true);
  assert.equal(await verifyPasswordHash(hash, "new"), false);
});

test("without a hash no password is right", async () => {
  assert.equal(await verifyPasswordHash(undefined, "correct horse battery staple"), false);
});

test("what can't be a password is wrong, and never taken for the empty one", async () => {
  const nonce = Buffer.alloc(16, 7);
  const tag = argon2Sync("argon2id", {
    message: "",
    nonce,
    parallelism: 1,
    tagLength: 24,
    memory: 64,
    passes: 1,
  });
  const hash = `$argon2id$v=19$m=64,t=1,p=1$${nonce.toString("base64").replaceAll("=", "")}$${tag.toString("base64")}`;
  assert.equal(await verifyPasswordHash(hash, ""), true);
  assert.equal(await verifyPasswordHash(hash, "x".repeat(100_000)), false);
  assert.equal(await verifyPasswordHash(hash, "\ud800"), false);
});
