import assert from "node:assert/strict";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertSaid } from "./harness/assert-said.ts";
import { makeJpeg } from "./harness/images.ts";
import { comeBack, startLogin } from "./harness/login-command.ts";
import { type CliResult, jsonLines, makeFolder, removeFolder, runCli } from "./harness/run-cli.ts";
import { createScriptLessBrowser } from "./harness/script-less-browser.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { newAccount } from "./harness/web-page.ts";

let server: Server;
let homes: string;
before(async () => {
  server = await startServer();
  homes = await makeFolder("homes");
});
after(async () => {
  await server.stop();
  await removeFolder(homes);
});

/** A machine of somebody's own, who uses this server. */
function machine(name: string, env: Readonly<Record<string, string>> = {}) {
  const home = join(homes, name);
  const options = {
    env: { STOWAGE_SERVER: server.api, HOME: home, XDG_CONFIG_HOME: join(home, ".config"), ...env },
  };
  const credentials = join(home, ".config", "stowage", "credentials.json");
  return {
    options,
    credentials,
    stowage: (...args: string[]): Promise<CliResult> => runCli(args, options),
    /** As if the access token's time were over. */
    async age() {
      const text = await readFile(credentials, "utf8");
      await writeFile(credentials, text.replaceAll(/"(obtainedAt|expiresAt)": "20\d\d/g, '"$1": "2001'));
    },
  };
}

/** Everything in the credentials that must be seen nowhere else. */
async function secretsIn(file: string): Promise<string[]> {
  const text = await readFile(file, "utf8");
  return [...text.matchAll(/"(?:value|refreshToken)": "([^"]+)"/g)].map(([, secret = ""]) => secret);
}

const nameOnPage = /<h1>([^<]*)<\/h1>/;

test("a newcomer makes an account on the way, and then works without a token until they sign out", async () => {
  const { options, credentials, stowage } = machine("newcomer");
  assertSaid(await stowage("ls"), 4, /not signed in[\s\S]*stowage login/);

  const account = newAccount();
  const browser = createScriptLessBrowser(server.web);
  const login = await startLogin(options);
  const page = await browser.follow(await comeBack(browser, login, account, "sign-up"));
  const result = await login.result();
  assertSaid(result, 0);
  assert.equal(result.stdout, `You are signed in to ${server.api} as ${account.email}.\n`);
  assert.equal(page.status, 200);
  assert.equal(nameOnPage.exec(page.text)?.[1], "You are signed in");
  assert.match(page.headers.get("content-security-policy") ?? "", /^default-src 'none'; style-src 'sha256-/);
  await assert.rejects(fetch(login.redirectUri), "nobody listens there any more");

  const photo = join(homes, "beach.jpg");
  await writeFile(photo, await makeJpeg());
  const put = await stowage("put", photo, "--json");
  assertSaid(put, 0);
  assert.equal(jsonLines<{ state: string }>(put.stdout)[0]?.state, "ready");
  assert.match((await stowage("ls")).stdout, /beach\.jpg/);
  const who = await stowage("whoami");
  assertSaid(who, 0);
  for (const words of [account.email, server.api, "by stowage login", "which renews itself"])
    assert.ok(who.stdout.includes(words), `${words}: ${who.stdout}`);

  const secrets = await secretsIn(credentials);
  assert.equal(secrets.length, 2);
  for (const words of [result.stdout, result.stderr, put.stderr, who.stdout, page.text, server.log()])
    for (const secret of secrets) assert.ok(!words.includes(secret), words);
  if (process.platform !== "win32") assert.equal((await stat(credentials)).mode & 0o777, 0o600);

  const [, refreshToken = ""] = secrets;
  assertSaid(await stowage("logout"), 0);
  assertSaid(await stowage("ls"), 4, /not signed in/);
  const used = await fetch(`${server.issuer}/token`, {
    method: "POST",
    body: new URLSearchParams({
      grant_type: "refresh_token",
      client_id: "stowage-cli",
      refresh_token: refreshToken,
    }),
  });
  assert.equal(used.status, 400, "what was kept is good for nothing any more");
});

test("over SSH: the address is printed, and what the browser elsewhere ended at is pasted", async () => {
  const account = newAccount("Remote Quay");
  const browser = createScriptLessBrowser(server.web);
  const first = machine("first");
  const login = await startLogin(first.options, ["--no-browser"]);
  const back = await comeBack(browser, login, account, "sign-up");
  login.paste("what is this?");
  login.paste(login.authorizationUrl);
  login.paste(`${login.redirectUri}?code=x&state=y`);
  login.paste(`  ${back.href}   `);
  const result = await login.result();
  assertSaid(result, 0, /That is not it[\s\S]*address to open in a browser[\s\S]*belongs to another sign-in/);

  const second = machine("second");
  const again = await startLogin(second.options, ["--no-browser", "--json"]);
  again.paste((await comeBack(browser, again, account, "signed in already")).search.slice(1));
  const json = await again.result();
  assertSaid(json, 0);
  assert.deepEqual(
    jsonLines<object>(json.stdout).map((value) => ({ ...value, subject: "…" })),
    [{ server: server.api, email: account.email, subject: "…", issuer: server.issuer }],
  );

  assertSaid(await second.stowage("logout"), 0);
  await first.age();
  assertSaid(await first.stowage("ls"), 0, /no files yet/);
});

test("a sign-in renews itself: for commands at once, and across a restart of the server", async () => {
  const dataDir = join(homes, "restarted");
  let other = await startServer({ dataDir });
  try {
    const { options, age, stowage } = machine("renewing", { STOWAGE_SERVER: other.api });
    const login = await startLogin(options);
    const browser = createScriptLessBrowser(other.web);
    await browser.follow(await comeBack(browser, login, newAccount(), "sign-up"));
    assertSaid(await login.result(), 0);
    for (let round = 0; round < 2; round += 1) {
      await age();
      const results = await Promise.all(Array.from({ length: 4 }, () => stowage("ls")));
      for (const result of results) assertSaid(result, 0);
    }
    const port = Number(new URL(other.api).port);
    await other.stop();
    await age();
    assertSaid(await stowage("ls"), 1, /could not be renewed.*Is the server running\?/);
    other = await startServer({ dataDir, port });
    assertSaid(await stowage("ls"), 0);
  } finally {
    await other.stop();
  }
});

test("a new password ends the sign-in, and no other server's", async () => {
  const { options, age, stowage, credentials } = machine("reset");
  const account = newAccount();
  const login = await startLogin(options);
  const browser = createScriptLessBrowser(server.web);
  await browser.follow(await comeBack(browser, login, account, "sign-up"));
  assertSaid(await login.result(), 0);
  const kept = JSON.parse(await readFile(credentials, "utf8")) as { servers: Record<string, unknown> };
  const [entry] = Object.values(kept.servers);
  await writeFile(
    credentials,
    JSON.stringify({ ...kept, servers: { ...kept.servers, "https://other.example": entry } }, null, 2),
  );
  assertSaid(await runCli(["user", "reset", account.email, "--data", server.dataDir]), 0);
  await age();
  assertSaid(await stowage("ls"), 4, /Your sign-in to \S+ has ended\.[\s\S]*stowage login/);
  const left = JSON.parse(await readFile(credentials, "utf8")) as { servers: Record<string, unknown> };
  assert.deepEqual(Object.keys(left.servers), ["https://other.example"]);
});

test("forged answers change nothing, a refusal ends it with 4, Ctrl-C with 130", async () => {
  const { options, credentials } = machine("forged");
  const login = await startLogin(options);
  const { origin } = new URL(login.redirectUri);
  const state = new URL(login.authorizationUrl).searchParams.get("state") ?? "";
  for (const [path, status] of [
    ["/callback?code=x&state=forged", 400],
    ["/callback?code=x", 400],
    ["/callback?error=access_denied", 400],
    [`/other?code=x&state=${state}`, 404],
    ["/", 404],
  ] as const)
    assert.equal((await fetch(origin + path)).status, status, path);
  const refused = await fetch(`${login.redirectUri}?error=access_denied&state=${state}`);
  assert.equal(refused.status, 400);
  assert.equal(nameOnPage.exec(await refused.text())?.[1], "You are not signed in");
  assertSaid(await login.result(), 4, /refused or called off \(access_denied\)/);

  const stopped = await startLogin(options);
  stopped.signal("SIGINT");
  const result = await stopped.result();
  assert.equal(result.status, 130);
  assert.equal(result.stdout, "");
  assert.doesNotMatch(result.stderr, /error|abort/i);
  await assert.rejects(fetch(stopped.redirectUri));
  await assert.rejects(readFile(credentials));
});

test("says what is wrong where nobody can sign in", async () => {
  const nobody = machine("nobody", { STOWAGE_SERVER: "http://127.0.0.1:9" });
  assertSaid(await nobody.stowage("login"), 1, /can't be reached: .*Is the server running/);
  const bucket = machine("nobody", { STOWAGE_SERVER: server.bucket });
  assertSaid(await bucket.stowage("login"), 1, /answers, but not as Stowage does/);
  const alias = machine("nobody", { STOWAGE_SERVER: server.api.replace("localhost", "127.0.0.1") });
  assertSaid(await alias.stowage("login"), 1, new RegExp(`stowage login --server ${server.api}`));
  assertSaid(await machine("nobody").stowage("logout"), 0, /not signed in/);
  const help = await nobody.stowage("--help");
  assert.match(help.stdout, /First steps:[\s\S]*stowage login +make an account or sign in, by browser/);
});
