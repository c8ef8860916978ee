import assert from "node:assert/strict";
import { access, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openIssuer } from "@stowage/issuer";
import { createSqliteMetadataStore } from "@stowage/sql";
import { databaseFile } from "../../server/data-directory-places.ts";
import { writeRunning } from "../../server/running.ts";
import { capturedRun, jsonValues, type RunOptions } from "../testing/captured-run.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";

async function setUp(t: TestContext) {
  const cwd = await temporaryFolder(t);
  const dataDir = join(cwd, ".stowage");
  const run = (line: string, options: RunOptions = {}) => capturedRun(line.split(" "), { cwd, ...options });
  const start = async (issuer = "http://localhost:8420/oidc") => {
    await mkdir(dataDir, { recursive: true });
    const api = "http://localhost:8420";
    await writeRunning({ api, web: api, bucket: "http://127.0.0.1:8421", issuer, dataDir });
  };
  const withIssuer = async <T>(
    use: (issuer: Awaited<ReturnType<typeof openIssuer>>) => Promise<T>,
  ): Promise<T> => {
    const issuer = await openIssuer({ directory: join(dataDir, "issuer") });
    try {
      return await use(issuer);
    } finally {
      issuer.close();
    }
  };
  return { run, start, dataDir, withIssuer };
}

test("user add makes an account, before the first start too, and user list shows it", async (t) => {
  const { run } = await setUp(t);
  const added = await run("user add Ada@Example.org --name Ada --org Analysts --operator");
  assert.equal(added.status, 0, added.said);
  assert.equal(added.out, "Made an account for Ada@example.org.\n");
  assert.match(added.said, /There was no data directory yet: made .*\.stowage\./);
  assert.equal((await run("user add ada@example.org")).status, 1);
  assert.equal((await run("user add not-an-address")).status, 2);

  const list = await run("user list");
  assert.match(list.out, /^E-MAIL +NAME +ORGANISATION +OPERATOR +MADE +SIGNED IN FIRST$/m);
  assert.match(list.out, /^Ada@example\.org +Ada +Analysts +yes +\d{4}-\d\d-\d\d +never$/m);
  const [account] = jsonValues<{ email: string; operator: boolean }>(await run("user list --json"));
  assert.deepEqual([account?.email, account?.operator], ["Ada@example.org", true]);
});

test("a password comes from standard input and goes nowhere else", async (t) => {
  const { run, withIssuer } = await setUp(t);
  const password = "correct horse battery staple";
  const added = await run("user add ada@example.org --password-stdin", { stdin: `${password}\n` });
  assert.equal(added.status, 0, added.said);
  assert.doesNotMatch(added.out + added.said, /horse/);
  assert.ok(await withIssuer((issuer) => issuer.verifyPassword("ada@example.org", password)));
  assert.equal((await run("user add b@example.org --password-stdin", { stdin: "short\n" })).status, 1);
  assert.equal((await run("user add c@example.org --password-stdin", { stdin: "\n" })).status, 2);
  assert.equal((await run("user list --json")).out.split("\n").length, 2);
});

test("user reset makes a new password and prints it, or takes one", async (t) => {
  const { run, withIssuer } = await setUp(t);
  await run("user add ada@example.org");
  const { out, status } = await run("user reset ada@example.org");
  assert.equal(status, 0);
  assert.match(out, /^[a-z2-9]{5}(-[a-z2-9]{5}){4}\n$/);
  assert.ok(await withIssuer((issuer) => issuer.verifyPassword("ada@example.org", out.trim())));
  const given = await run("user reset ada@example.org --password-stdin", { stdin: "another one entirely 7" });
  assert.equal(given.out, "");
  assert.ok(await withIssuer((issuer) => issuer.verifyPassword("ada@example.org", "another one entirely 7")));
  const unknown = await run("user reset nobody@example.org");
  assert.deepEqual([unknown.status, unknown.out], [1, ""]);
  assert.match(unknown.said, /no account for .*nobody@example\.org/);
});

test("user reset ends the tokens that were minted for programs, of that account alone", async (t) => {
  const { run, start, dataDir, withIssuer } = await setUp(t);
  for (const name of ["ada", "bob"]) await run(`user add ${name}@example.org`);
  await start();
  const file = databaseFile(dataDir);
  const store = await createSqliteMetadataStore({ file });
  t.after(() => store.close());
  const issuer = "http://localhost:8420/oidc";
  for (const name of ["ada", "bob"]) {
    const account = await withIssuer(async (accounts) => accounts.findAccount(`${name}@example.org`));
    const subject = account?.id ?? assert.fail();
    await store.ensurePrincipal({ issuer, subject, newId: name });
    await store.mintDelegation({
      ...{ id: `of ${name}`, personId: name, byTokenOfMs: Date.now(), scopes: ["uploads:write"] },
      ...{ bounds: {}, lifetimeMs: 1e6, maxPerPerson: 9 },
    });
  }
  const { status, said } = await run("user reset ada@example.org");
  assert.equal(status, 0, said);
  assert.equal(await store.findCapability("of ada"), undefined);
  assert.ok(await store.findCapability("of bob"));
});

test("user invite prints a link for the server that was started last, good once and for so many days", async (t) => {
  const { run, start, withIssuer } = await setUp(t);
  await run("user add ada@example.org");
  const early = await run("user invite bob@example.org");
  assert.equal(early.status, 1);
  assert.match(early.said, /a link would lead nowhere/);

  await start();
  const { status, out, said } = await run("user invite bob@example.org --days 2 --org Analysts");
  assert.equal(status, 0, said);
  assert.match(out, /^http:\/\/localhost:8420\/oidc\/sign-up\/[\w-]{43}\n$/);
  assert.match(said, /Good once, until \d{4}-\d\d-\d\d \d\d:\d\d UTC\./);
  const [invite] = jsonValues<{ url: string; expiresAt: string }>(await run("user invite --json"));
  assert.match(invite?.url ?? "", /\/oidc\/sign-up\//);
  assert.ok(Math.abs(Date.parse(invite?.expiresAt ?? "") - Date.now() - 7 * 86_400_000) < 60_000);
  for (const [line, wanted, sentence] of [
    ["user invite ada@example.org", 1, /is an account for ada@example\.org already/],
    ["user invite not-an-address", 2, /not an e-mail address/],
    ["user invite --days 91", 2, /--days must be a whole number from 1 to 90/],
  ] as const) {
    const refused = await run(line);
    assert.equal(refused.status, wanted, refused.said);
    assert.match(refused.said, sentence);
    assert.equal(refused.out, "");
  }
  // Nobody has an account by a link alone.
  assert.equal(await withIssuer(async (issuer) => issuer.listAccounts().length), 1);
});

test("token prints a token for the server that was started last, and nothing else", async (t) => {
  const { run, start } = await setUp(t);
  await run("user add ada@example.org");
  const early = await run("token ada@example.org");
  assert.equal(early.status, 1);
  assert.match(early.said, /No server was ever started on .* Run stowage up once/);
  const underNpm = await run("token ada@example.org", { program: "npm run -s stowage --" });
  assert.match(underNpm.said, /Run npm start once/);

  await start();
  const { status, out, said } = await run("token ada@example.org --ttl 60 --scope=files:read");
  assert.deepEqual([status, said], [0, ""]);
  const [, payload = ""] = out.trimEnd().split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Record<string, unknown>;
  assert.equal(claims.iss, "http://localhost:8420/oidc");
  assert.equal(claims.aud, "http://localhost:8420");
  assert.equal(claims.scope, "files:read");
  assert.equal(Number(claims.exp) - Number(claims.iat), 60);
});

test("a token that is made in somebody's name is in the audit, by ids alone", async (t) => {
  const { run, start, dataDir } = await setUp(t);
  await run("user add ada@example.org");
  await start();
  for (const reason of ["", " --reason court"])
    assert.equal((await run(`token ada@example.org --scope=files:read${reason}`)).status, 0);
  const store = await createSqliteMetadataStore({ file: databaseFile(dataDir) });
  t.after(() => store.close());
  const events = await store.listAuditEvents({ afterSequence: 0, limit: 10 });
  assert.deepEqual(
    events.map(({ actor, action }) => [actor, action]),
    Array.from({ length: 2 }, () => ["system", "principal.token-minted"]),
  );
  assert.equal(new Set(events.map(({ targetId }) => targetId)).size, 1, "the same person");
  const [plain, broken] = events.map(({ detail = "" }) => JSON.parse(detail) as Record<string, unknown>);
  assert.deepEqual(Object.keys(plain ?? {}), ["tokenId", "scope", "endsAt"]);
  assert.equal(broken?.isBreakGlass, true);
  assert.doesNotMatch(JSON.stringify(events), /ada@|court/);
});

test("where it can't be written down in the audit, there is no token", async (t) => {
  const { run, start, dataDir } = await setUp(t);
  await run("user add ada@example.org");
  await start();
  await writeFile(databaseFile(dataDir), "no database");
  const { status, out, said } = await run("token ada@example.org");
  assert.deepEqual([status, out], [1, ""]);
  assert.match(said, /can't be written down in the audit, so there is none/);
});

test("token makes none that the server would not believe", async (t) => {
  const { run, start } = await setUp(t);
  await run("user add ada@example.org");
  await start("https://login.example");
  const { status, out, said } = await run("token ada@example.org");
  assert.deepEqual([status, out], [1, ""]);
  assert.match(said, /The built-in issuer is off here \(issuer\.enabled\)/);
});

test("token refuses in sentences, and prints none then", async (t) => {
  const { run, start, withIssuer } = await setUp(t);
  await run("user add ada@example.org");
  await start();
  await withIssuer((issuer) => issuer.recordSignIn("ada@example.org"));
  for (const [line, status, sentence] of [
    ["token nobody@example.org", 1, /no account for/],
    ["token ada@example.org", 1, /needs a reason/],
    ["token ada@example.org --reason because --scope=everything", 2, /no scope .*everything/],
    ["token ada@example.org --reason because --scope=operations:read", 1, /for operators/],
    ["token ada@example.org --ttl 0", 2, /--ttl must be a whole number from 1 to 86400/],
    ["token ada@example.org --ttl=-5", 2, /--ttl must be/],
    ["token ada@example.org --ttl 1e9", 2, /--ttl must be/],
  ] as const) {
    const result = await run(line);
    assert.equal(result.status, status, `${line}: ${result.said}`);
    assert.match(result.said, sentence);
    assert.equal(result.out, "");
  }
  assert.equal((await run("token ada@example.org --reason because")).status, 0);
});

test("what only reads makes no data directory where there is none", async (t) => {
  const { run, dataDir } = await setUp(t);
  for (const line of ["user list", "user reset ada@example.org", "token ada@example.org"]) {
    const { status, said } = await run(line);
    assert.equal(status, 1);
    assert.match(said, /Run stowage up once, or name another with --data DIR\./);
  }
  await assert.rejects(access(dataDir));
});
