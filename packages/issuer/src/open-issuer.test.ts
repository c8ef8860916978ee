import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type TestContext, test } from "node:test";
import {
  AccountExistsError,
  InvalidAccountDetailError,
  InvalidEmailError,
  openIssuer,
  UnknownAccountError,
  WeakPasswordError,
} from "./index.ts";

const phrase = "correct horse battery staple";

async function newIssuer(t: TestContext, now?: () => Date) {
  const parent = mkdtempSync(join(tmpdir(), "stowage-issuer-"));
  const directory = join(parent, "data", "issuer");
  const issuer = await openIssuer({ directory, ...(now && { now }) });
  t.after(() => {
    issuer.close();
    rmSync(parent, { recursive: true });
  });
  return { issuer, directory };
}

test("a new directory is private and holds the issuer's two files", async (t) => {
  const { issuer, directory } = await newIssuer(t);
  assert.equal(statSync(directory).mode & 0o777, 0o700);
  issuer.close();
  issuer.close();
  assert.deepEqual(readdirSync(directory).sort(), ["issuer.sqlite", "keys.json"]);
});

test("an account is found by its address in any case and Unicode form, also after a restart", async (t) => {
  const { issuer, directory } = await newIssuer(t, () => new Date("2026-02-03T04:05:06.789Z"));
  const added = await issuer.addAccount({
    email: "Zoë@Example.com",
    name: " Zoe\u0308 ",
    organisation: "Acme",
    operator: true,
  });
  assert.deepEqual(added, {
    id: added.id,
    email: "Zoë@example.com",
    name: "Zoë",
    organisation: "Acme",
    operator: true,
    createdAt: "2026-02-03T04:05:06.789Z",
  });
  assert.match(added.id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(issuer.findAccount("zoe\u0308@EXAMPLE.COM"), added);
  assert.equal(issuer.findAccount("zoe@example.com"), undefined);
  assert.equal(issuer.findAccount("no address"), undefined);

  const again = await openIssuer({ directory });
  t.after(() => again.close());
  assert.deepEqual(again.findAccount("ZOË@example.com"), added);
  assert.deepEqual(again.jwks(), issuer.jwks());
});

test("accounts are listed with the newest last, and carry no more than they have", async (t) => {
  const { issuer } = await newIssuer(t);
  assert.deepEqual(issuer.listAccounts(), []);
  const added = [];
  for (const email of ["c@example.com", "a@example.com", "b@example.com"])
    added.push(await issuer.addAccount({ email }));
  assert.deepEqual(issuer.listAccounts(), added);
  for (const account of added)
    assert.deepEqual(Object.keys(account), ["id", "email", "operator", "createdAt"]);
  assert.equal(new Set(added.map(({ id }) => id)).size, 3);
});

test("an address has one account, whatever way it is written, and however many ask at once", async (t) => {
  const { issuer } = await newIssuer(t);
  const outcomes = await Promise.allSettled(
    ["ann@example.com", "ANN@example.com", "ann@EXAMPLE.com"].map((email) => issuer.addAccount({ email })),
  );
  const refusals = outcomes.filter((outcome) => outcome.status === "rejected");
  assert.equal(refusals.length, 2);
  for (const { reason } of refusals)
    assert.ok(reason instanceof AccountExistsError && reason.code === "account-exists");
  assert.equal(issuer.listAccounts().length, 1);
});

test("an account with a bad address, password or name is not made", async (t) => {
  const { issuer } = await newIssuer(t);
  const email = "ann@example.com";
  await assert.rejects(issuer.addAccount({ email: `${email}\r\nBcc: eve@example.com` }), InvalidEmailError);
  await assert.rejects(issuer.addAccount({ email, password: "short" }), WeakPasswordError);
  await assert.rejects(issuer.addAccount({ email, password: "" }), WeakPasswordError);
  await assert.rejects(issuer.addAccount({ email, name: "a\nb" }), InvalidAccountDetailError);
  await assert.rejects(
    issuer.addAccount({ email, organisation: "x".repeat(201) }),
    InvalidAccountDetailError,
  );
  await assert.rejects(issuer.addAccount({ email, organisation: " " }), /The organisation is empty\./);
  assert.deepEqual(issuer.listAccounts(), []);
});

test("a password opens its own account until another is set", async (t) => {
  const { issuer } = await newIssuer(t);
  const ann = await issuer.addAccount({ email: "ann@example.com", password: phrase });
  await issuer.addAccount({ email: "bob@example.com" });
  assert.deepEqual(await issuer.verifyPassword("ANN@example.com", phrase), ann);
  assert.equal(await issuer.verifyPassword("ann@example.com", `${phrase}r`), undefined);
  assert.equal(await issuer.verifyPassword("bob@example.com", phrase), undefined);
  assert.equal(await issuer.verifyPassword("eve@example.com", phrase), undefined);
  assert.equal(await issuer.verifyPassword("no address", phrase), undefined);

  await issuer.setPassword("Ann@example.com", "seven riverboats at dawn");
  assert.equal(await issuer.verifyPassword("ann@example.com", phrase), undefined);
  assert.deepEqual(await issuer.verifyPassword("ann@example.com", "seven riverboats at dawn"), ann);
});

test("a password is set only for an account that is there, and only if it would have been taken first", async (t) => {
  const { issuer } = await newIssuer(t);
  await issuer.addAccount({ email: "annabel@example.com", password: phrase });
  await assert.rejects(
    issuer.setPassword("eve@example.com", phrase),
    (error) => error instanceof UnknownAccountError && error.code === "unknown-account",
  );
  await assert.rejects(issuer.setPassword("annabel@example.com", "annabel@example.com"), WeakPasswordError);
  assert.ok(await issuer.verifyPassword("annabel@example.com", phrase));
});

test("the first sign-in is noted and stays as it was", async (t) => {
  let today = "2026-02-03T00:00:00.000Z";
  const { issuer } = await newIssuer(t, () => new Date(today));
  await issuer.addAccount({ email: "ann@example.com" });
  assert.equal((await issuer.recordSignIn("Ann@example.com")).signedInAt, today);
  today = "2026-02-04T00:00:00.000Z";
  assert.equal((await issuer.recordSignIn("ann@example.com")).signedInAt, "2026-02-03T00:00:00.000Z");
  assert.equal(issuer.findAccount("ann@example.com")?.signedInAt, "2026-02-03T00:00:00.000Z");
  await assert.rejects(issuer.recordSignIn("eve@example.com"), UnknownAccountError);
});

test("of two sign-ins at once the one that is written first is the first", async (t) => {
  const { issuer, directory } = await newIssuer(t);
  await issuer.addAccount({ email: "ann@example.com" });
  const other = new DatabaseSync(join(directory, "issuer.sqlite"));
  t.after(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  const signIn = issuer.recordSignIn("ann@example.com");
  other.exec("UPDATE accounts SET signed_in_at = '2026-02-03T00:00:00.000Z'");
  other.exec("COMMIT");
  assert.equal((await signIn).signedInAt, "2026-02-03T00:00:00.000Z");
});

test("a later sign-in waits for no lock", async (t) => {
  const { issuer, directory } = await newIssuer(t);
  await issuer.addAccount({ email: "ann@example.com" });
  await issuer.recordSignIn("ann@example.com");
  const other = new DatabaseSync(join(directory, "issuer.sqlite"));
  t.after(() => other.close());
  other.exec("BEGIN IMMEDIATE");
  assert.ok((await issuer.recordSignIn("ann@example.com")).signedInAt);
});

test("no file of the directory holds a password, in any of its forms", async (t) => {
  const { issuer, directory } = await newIssuer(t);
  await issuer.addAccount({ email: "zoe@example.com", password: "zoe\u0308's riverboat at dawn" });
  await issuer.setPassword("zoe@example.com", "seven riverboats at dawn");
  const files = readdirSync(directory);
  const stored = files.map((file) => readFileSync(join(directory, file), "latin1")).join("\n");
  assert.ok(stored.includes("zoe@example.com") && stored.includes("$argon2id$"));
  for (const part of ["riverboat", Buffer.from("riverboat").toString("base64").slice(0, 11), "726976657262"])
    assert.ok(!stored.includes(part), part);
});
