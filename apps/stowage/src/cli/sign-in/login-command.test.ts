import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { capturedRun, jsonValues } from "../testing/captured-run.ts";
import { temporaryFolder } from "../testing/temporary-folder.ts";
import { setUpSignIn } from "./testing/set-up-sign-in.testing.ts";

test("signs in by browser, and the other commands work from then on", async (t) => {
  const { provider, server, run, login, file } = await setUpSignIn(t);
  let page: Response | undefined;
  let text = "";
  const result = await login(async (way) => {
    page = await fetch(await way.atRedirect());
    text = await page.text();
  });
  assert.equal(result.status, 0, result.said);
  assert.equal(result.out, `You are signed in to ${server.url} as someone@example.test.\n`);
  assert.equal(page?.status, 200);
  assert.match(text, /<h1>You are signed in<\/h1>[\s\S]*You may close this page\./);
  assert.equal((await run("ls")).said, "You have no files yet.\n");
  const who = await run("whoami");
  assert.equal(who.status, 0, who.said);
  assert.match(who.out, /^Signed in: +by stowage login of \d{4}-\d\d-\d\d \d\d:\d\d, which renews itself$/m);

  const kept = await file.read(server.url);
  assert.deepEqual([kept?.issuer, kept?.clientId, kept?.subject], [provider.issuer, "stowage-cli", "ada"]);
  if (process.platform !== "win32") {
    assert.equal((await stat(file.path)).mode & 0o777, 0o600);
    assert.equal((await stat(join(file.path, ".."))).mode & 0o777, 0o700);
  }
});

test("asks for code, PKCE, state and nonce, at the client and for the scope that the server says", async (t) => {
  const scene = await setUpSignIn(t);
  scene.metadata = {
    ...scene.metadata,
    stowage_clients: {
      cli: {
        client_id: "stowage-cli",
        scope: "openid offline_access",
        issuer: scene.provider.issuer,
        authorization_parameters: { ui_locales: "de" },
      },
    },
  };
  let url: URL | undefined;
  await scene.login(async ({ authorizationUrl, stop }) => {
    url = new URL(authorizationUrl);
    stop();
  });
  const params = Object.fromEntries(url?.searchParams ?? []);
  const { state, nonce, code_challenge, redirect_uri, ...others } = params;
  assert.deepEqual(others, {
    client_id: "stowage-cli",
    response_type: "code",
    scope: "openid offline_access",
    code_challenge_method: "S256",
    ui_locales: "de",
  });
  assert.match(redirect_uri ?? "", /^http:\/\/127\.0\.0\.1:\d+\/callback$/);
  for (const random of [state, nonce, code_challenge]) assert.match(random ?? "", /^[\w-]{43}$/);
});

test("prints one JSON value, and people's words elsewhere", async (t) => {
  const { provider, server, login } = await setUpSignIn(t);
  const result = await login(undefined, { line: "login --json" });
  assert.deepEqual(jsonValues(result), [
    { server: server.url, email: "someone@example.test", subject: "ada", issuer: provider.issuer },
  ]);
  assert.match(result.said, /open this address in a browser/);
});

test("comes back to the one port that the issuer knows, where it knows no other", async (t) => {
  const scene = await setUpSignIn(t);
  const taken = createServer();
  taken.listen(0, "127.0.0.1");
  await new Promise((resolve) => taken.once("listening", resolve));
  const { port } = taken.address() as AddressInfo;
  const wantAt = (redirect_uri: string) => {
    scene.metadata = {
      ...scene.metadata,
      stowage_clients: { cli: { client_id: "stowage-cli", scope: "openid", redirect_uri } },
    };
  };
  wantAt(`http://127.0.0.1:${port}/callback`);
  const busy = await scene.run("login");
  assert.equal(busy.status, 1);
  assert.match(
    busy.said,
    new RegExp(`comes back to port ${port} of this machine, and something else listens`),
  );
  await new Promise((resolve) => taken.close(resolve));
  const result = await scene.login(async (way) => {
    assert.equal(way.redirectUri, `http://127.0.0.1:${port}/callback`);
    await (await fetch(await way.atRedirect())).text();
  });
  assert.equal(result.status, 0, result.said);
  for (const wrong of [
    "https://evil.example/callback",
    "http://10.0.0.1:80/x",
    "http://localhost/callback",
    "x",
  ]) {
    wantAt(wrong);
    assert.match((await scene.run("login")).said, /which is no port of this machine/, wrong);
  }
});

test("takes the address that a browser elsewhere ended at, however it is pasted, and says what is wrong", async (t) => {
  const { login } = await setUpSignIn(t);
  const result = await login(async (way) => {
    const redirect = await way.atRedirect();
    way.paste("");
    way.paste(way.authorizationUrl);
    way.paste("hello");
    way.paste(`${way.redirectUri}?code=x&state=other`);
    way.paste("code=x&code=y&state=z");
    way.paste(`  <${redirect.href}>  `);
  });
  assert.equal(result.status, 0, result.said);
  const said = result.said.split("\n");
  for (const words of [
    "That is the address to open in a browser. Paste the one that the browser ends at. Paste the address again:",
    "That is not it: the address has code= and state= in it. Copy all of it from the browser's address bar. Paste the address again:",
    "That does not belong here: it belongs to another sign-in. Paste the address again:",
    "That does not belong here: it says something twice. Paste the address again:",
  ])
    assert.ok(said.includes(words), `${words}\n---\n${result.said}`);

  const onlyQuery = await login(async (way) => way.paste((await way.atRedirect()).search.slice(1)));
  assert.equal(onlyQuery.status, 0, onlyQuery.said);
});

test("refuses forged answers with a page that says why, and goes on waiting", async (t) => {
  const { login } = await setUpSignIn(t);
  const answers: (readonly [number, string, Headers])[] = [];
  const result = await login(async (way) => {
    const { origin, port } = new URL(way.redirectUri);
    const ask = async (path: string, init: RequestInit = {}) => {
      const response = await fetch(origin + path, init);
      answers.push([response.status, await response.text(), response.headers]);
    };
    await ask("/callback?code=forged&state=forged");
    await ask("/callback?code=forged");
    await ask("/callback?error=access_denied");
    await ask("/callback", { method: "POST" });
    await ask("/");
    await ask("/favicon.ico");
    await assert.rejects(fetch(`http://127.0.0.2:${port}/callback`), "it listens on 127.0.0.1 alone");
    await (await fetch(await way.atRedirect())).text();
  });
  assert.equal(result.status, 0, result.said);
  assert.deepEqual(
    answers.map(([status]) => status),
    [400, 400, 400, 405, 404, 404],
  );
  const [status, text, headers] = answers[0] ?? [];
  assert.equal(status, 400);
  assert.match(text ?? "", /This is not the answer to the sign-in[\s\S]*it belongs to another sign-in/);
  assert.doesNotMatch(text ?? "", /forged/);
  const style = /<style>([\s\S]*)<\/style>/.exec(text ?? "")?.[1] ?? "";
  const hash = createHash("sha256").update(style).digest("base64");
  assert.equal(
    headers?.get("content-security-policy"),
    `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  );
  assert.equal(headers?.get("cache-control"), "no-store");
  assert.equal(headers?.get("referrer-policy"), "no-referrer");
  assert.doesNotMatch(text ?? "", /(src|href)=/, "the page needs nothing else");
});

test("does not listen any more once it is over", async (t) => {
  const { login } = await setUpSignIn(t);
  let redirectUri = "";
  await login(async (way) => {
    ({ redirectUri } = way);
    await (await fetch(await way.atRedirect())).text();
  });
  await assert.rejects(fetch(redirectUri));
});

test("ends with 4 and the reason where the person says no, in the browser too", async (t) => {
  const { provider, login, file, server } = await setUpSignIn(t);
  provider.person = "deny";
  let page = "";
  const result = await login(async (way) => {
    page = await (await fetch(await way.atRedirect())).text();
  });
  assert.equal(result.status, 4);
  assert.match(
    result.said,
    /^The sign-in was refused or called off \(access_denied: They said no\): nobody is signed in\.$/m,
  );
  assert.match(page, /<h1>You are not signed in<\/h1>[\s\S]*refused or called off/);
  assert.equal(await file.read(server.url), undefined);
});

test("ends quietly when the person stops it, and keeps nothing", async (t) => {
  const { login, file, server } = await setUpSignIn(t);
  const result = await login(async (way) => way.stop());
  assert.deepEqual([result.status, result.out], [130, ""]);
  assert.doesNotMatch(result.said, /abort|error/i);
  assert.equal(await file.read(server.url), undefined);
});

test("says what is wrong with a code that the issuer does not take", async (t) => {
  const { login } = await setUpSignIn(t);
  const result = await login(async (way) => {
    const redirect = await way.atRedirect();
    redirect.searchParams.set("code", "of-somebody-else");
    await (await fetch(redirect)).text();
  });
  assert.equal(result.status, 4);
  assert.match(
    result.said,
    /The issuer takes this answer no longer: it is too old, or was used before\. Sign in again\./,
  );
});

test("refuses an answer that another issuer signed (RFC 9207)", async (t) => {
  const { login } = await setUpSignIn(t);
  const result = await login(async (way) => {
    const redirect = await way.atRedirect();
    redirect.searchParams.set("iss", "https://evil.example");
    await (await fetch(redirect)).text();
  });
  assert.equal(result.status, 1);
  assert.match(result.said, /^The sign-in failed: the issuer http/m);
});

test("says so where the issuer is down when the code is traded", async (t) => {
  const { provider, login } = await setUpSignIn(t);
  for (const [fault, words] of [
    ["down", /the issuer http\S+ can't be reached: the connection broke\. Try again in a while\./],
    ["busy", /the issuer http\S+ answers, but not as an issuer does/],
  ] as const) {
    const result = await login(async (way) => {
      const redirect = await way.atRedirect();
      provider.fault = fault;
      await (await fetch(redirect)).text();
    });
    provider.fault = undefined;
    assert.equal(result.status, 1);
    assert.match(result.said, words);
  }
});

test("says so where the server does not take the issuer's tokens, and keeps nothing", async (t) => {
  const { provider, login, file, server } = await setUpSignIn(t);
  const result = await login(async (way) => {
    const redirect = await way.atRedirect();
    (provider.accessTokens as Set<string>).add = function add() {
      return this;
    };
    await (await fetch(redirect)).text();
  });
  assert.equal(result.status, 1, result.said);
  assert.match(result.said, /signed you in, but \S+ does not take its tokens: The token has expired\./);
  assert.equal(await file.read(server.url), undefined);
});

test("says what to do where there is no server, or none that signs people in", async (t) => {
  const scene = await setUpSignIn(t);
  const tell = async (status: number, words: RegExp) => {
    const result = await scene.run("login");
    assert.equal(result.status, status, result.said);
    assert.match(result.said, words);
    assert.equal(result.out, "");
  };
  const reply = (status: number, body: string, headers: Record<string, string> = {}) => ({
    status,
    body,
    headers,
  });
  scene.metadataReply = reply(404, '{"code":"not-found","status":404}');
  await tell(1, /offers no sign-in to this program\. Ask whoever runs it, or use an access token:/);
  scene.metadataReply = reply(200, "<html>Welcome to our Wi-Fi</html>");
  await tell(1, /answers, but not as Stowage does/);
  scene.metadataReply = reply(404, "<Error><Code>NoSuchKey</Code></Error>");
  await tell(1, /answers, but not as Stowage does/);
  scene.metadataReply = reply(503, "");
  await tell(1, /trouble of its own right now/);
  scene.metadataReply = reply(301, "", { location: "https://files.example.org/x" });
  await tell(
    1,
    /leads on to https:\/\/files\.example\.org\. If that is yours:\n\n {2}stowage login --server https:\/\/files\.example\.org$/m,
  );
  scene.metadataReply = undefined;
  for (const clients of [
    undefined,
    {},
    { cli: {} },
    { cli: { client_id: 7 } },
    { cli: { client_id: "x", issuer: "https://other.example" } },
  ]) {
    scene.metadata = { ...scene.metadata, stowage_clients: clients };
    await tell(1, /offers no sign-in to this program/);
  }
});

test("hands no token to a server that speaks in another's name (RFC 9728 section 3.3)", async (t) => {
  const scene = await setUpSignIn(t);
  scene.metadata = { ...scene.metadata, resource: "https://files.example.org" };
  const result = await scene.run("login");
  assert.equal(result.status, 1);
  assert.match(
    result.said,
    /is https:\/\/files\.example\.org to its people.*\n\n {2}stowage login --server https:\/\/files\.example\.org$/m,
  );
});

test("says so where the issuer does not answer, or is another", async (t) => {
  const scene = await setUpSignIn(t);
  const withIssuer = async (issuer: string) => {
    scene.metadata = { ...scene.metadata, authorization_servers: [issuer] };
    return scene.run("login");
  };
  const away = await withIssuer("http://127.0.0.1:1/oidc");
  assert.equal(away.status, 1);
  assert.match(away.said, /signs people in at http:\/\/127\.0\.0\.1:1\/oidc, but that can't be reached: /);
  const other = await withIssuer(`${scene.provider.issuer}/other`);
  assert.equal(other.status, 1);
  assert.match(other.said, /but that answers, but not as an issuer does/);
});

test("sends nothing in the clear beyond this machine, unless that is said aloud", async (t) => {
  const scene = await setUpSignIn(t);
  const server = await scene.run("login --server http://files.example.org");
  assert.equal(server.status, 2);
  assert.match(server.said, /http:\/\/files\.example\.org is not https: .* or say --insecure-http\./);
  scene.metadata = { ...scene.metadata, authorization_servers: ["http://id.example.org"] };
  const issuer = await scene.run("login");
  assert.equal(issuer.status, 2);
  assert.match(issuer.said, /http:\/\/id\.example\.org is not https/);
});

test("names a server that is not there, and how to start one", async () => {
  const env = { STOWAGE_SERVER: "http://127.0.0.1:1", HOME: "/tmp" };
  const folder = { ...env, XDG_CONFIG_HOME: "/proc/nothing" };
  const nowhere = await capturedRun(["login"], { env: folder });
  assert.equal(nowhere.status, 1);
  assert.match(nowhere.said, /^\/proc\/nothing.*: There is no such file or folder\./m);
  const homeless = await capturedRun(["login"], { env: { STOWAGE_SERVER: "http://127.0.0.1:1" } });
  assert.match(homeless.said, /no place to keep the sign-in in: HOME is not set/);
});

test("says that a server is down, and how to start it", async (t) => {
  const home = await temporaryFolder(t);
  const { status, said } = await capturedRun(["login"], {
    env: { STOWAGE_SERVER: "http://127.0.0.1:1", HOME: home },
  });
  assert.equal(status, 1);
  assert.match(
    said,
    /^http:\/\/127\.0\.0\.1:1 can't be reached: .*\. Is the server running\? stowage up starts it\.$/m,
  );
});

test("says that a token in the environment goes first", async (t) => {
  const { login, env, run } = await setUpSignIn(t);
  const withToken = { ...env, STOWAGE_TOKEN: "old" };
  const result = await login(undefined, { env: withToken });
  assert.equal(result.status, 0);
  assert.match(
    result.said,
    /STOWAGE_TOKEN is set, and goes before this sign-in: unset STOWAGE_TOKEN to use it\./,
  );
  const refused = await run("ls", { env: withToken });
  assert.equal(refused.status, 4);
  assert.match(
    refused.said,
    /The token is the one in STOWAGE_TOKEN\..*\n\n {2}unset STOWAGE_TOKEN\n {2}stowage login\n/,
  );
});

test("opens a browser where there is one, with the address as one argument that no shell sees", async (t) => {
  if (process.platform === "win32") return;
  const { login, env, home } = await setUpSignIn(t);
  const bin = join(home, "bin");
  await mkdir(bin);
  const opener = process.platform === "darwin" ? "open" : "xdg-open";
  await writeFile(
    join(bin, opener),
    `#!/bin/sh\nprintf '%s\\n' "$#" "$@" > ${home}/opened.new && mv ${home}/opened.new ${home}/opened\n`,
    {
      mode: 0o755,
    },
  );
  const desktop = { ...env, DISPLAY: ":0", PATH: `${bin}:/usr/bin:/bin` };
  let opened: string[] = [];
  let url = "";
  await login(
    async (way) => {
      url = way.authorizationUrl;
      while (!(await readdir(home)).includes("opened"))
        await new Promise((resolve) => setTimeout(resolve, 10));
      opened = (await readFile(join(home, "opened"), "utf8")).trimEnd().split("\n");
      way.stop();
    },
    { env: desktop },
  );
  assert.deepEqual(opened, ["1", url]);

  for (const other of [
    { ...desktop, SSH_CONNECTION: "x" },
    { ...desktop, PATH: "/nowhere" },
  ]) {
    const result = await login(undefined, { env: other });
    assert.equal(result.status, 0, "it goes on with the printed address");
  }
});

test("shows no token, code or secret anywhere but in its file", async (t) => {
  const { provider, login, run, env, server } = await setUpSignIn(t);
  const debug = { ...env, STOWAGE_DEBUG: "1" };
  const secrets = new Set<string>();
  const said: string[] = [];
  const keep = ({ out, said: words }: { out: string; said: string }) => said.push(out, words);
  keep(await login(undefined, { env: debug }));
  keep(
    await login(
      async (way) => {
        const redirect = await way.atRedirect();
        secrets.add(redirect.searchParams.get("code") ?? "");
        provider.fault = "busy";
        await (await fetch(redirect)).text();
      },
      { env: debug },
    ),
  );
  provider.fault = undefined;
  (provider.accessTokens as Set<string>).clear();
  provider.forgetGrants();
  const ended = await run("ls", { env: debug });
  assert.equal(ended.status, 4, ended.said);
  keep(ended);
  for (const secret of [...provider.allTokens, ...secrets])
    for (const words of said) assert.ok(!words.includes(secret), words);
  assert.ok(provider.allTokens.size >= 3);
  for (const { path } of server.seen) assert.doesNotMatch(path, /token=|eyJ/);
});

test("puts a damaged file aside, and says where", async (t) => {
  const { login, file, run } = await setUpSignIn(t);
  await file.prepare();
  await writeFile(file.path, '{"servers": {"https://a.example": {"refreshToken": "precious"');
  const before = await run("ls");
  assert.equal(before.status, 4);
  assert.match(before.said, /Your sign-ins can't be read: \S+ is not JSON .*\n\nTo sign in/);
  const result = await login();
  assert.equal(result.status, 0, result.said);
  const aside = /It was moved to (\S+);/.exec(result.said)?.[1] ?? "";
  assert.match(await readFile(aside, "utf8"), /precious/);
  assert.equal((await run("ls")).status, 0);
});

test("follows no answer of a server that talks for ever", async (t) => {
  const slow = createServer((_request, response) => void response.writeHead(200).write("{"));
  slow.listen(0, "127.0.0.1");
  t.after(() => {
    slow.closeAllConnections();
    slow.close();
  });
  await new Promise((resolve) => slow.once("listening", resolve));
  const home = await temporaryFolder(t);
  const stopped = new AbortController();
  const running = capturedRun(["login"], {
    env: { STOWAGE_SERVER: `http://127.0.0.1:${(slow.address() as AddressInfo).port}`, HOME: home },
    signal: stopped.signal,
  });
  slow.once("request", () => stopped.abort());
  assert.equal((await running).status, 130);
});
