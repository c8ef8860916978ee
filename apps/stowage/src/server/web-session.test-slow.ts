import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createWebSession } from "@stowage/web-session";
import { temporaryFolder } from "../cli/testing/temporary-folder.ts";
import { fetchFromInside } from "./fetch-from-inside.ts";
import { signInWith } from "./issuers/sign-in-with.ts";
import { openSecrets, webSessionKeyOf } from "./secrets.ts";

const main = join(import.meta.dirname, "..", "main.ts");
const password = "correct horse battery staple";

interface Running {
  readonly web: string;
  readonly internalApi: string;
  stop(): Promise<void>;
}

/** `stowage up` on free ports. */
async function up(t: TestContext, dataDir: string, options: readonly string[] = []): Promise<Running> {
  const child = spawn(
    process.execPath,
    ["--conditions=source", main, "up", "--data", dataDir, "--port", "0", "--json", ...options],
    { stdio: ["ignore", "pipe", "pipe"] },
  );
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    await ended;
  };
  t.after(stop);
  let said = "";
  child.stderr.on("data", (piece: Buffer) => {
    said += piece.toString();
  });
  const [line] = (await Promise.race([
    once(child.stdout, "data"),
    once(child, "exit").then(([status]) => {
      throw new Error(`It ended with ${status}: ${said}`);
    }),
  ])) as [Buffer];
  const { web } = JSON.parse(line.toString()) as { web: string };
  const { internalApi } = JSON.parse(await readFile(join(dataDir, "running.json"), "utf8")) as {
    internalApi: string;
  };
  return { web, internalApi, stop };
}

/** A browser whose requests for the web origin reach it as through a proxy: by another address, under another Host. */
function openBrowser({ web, internalApi }: Pick<Running, "web" | "internalApi">) {
  const cookies = new Map<string, string>();
  const ask = async (url: string, init: RequestInit = {}): Promise<Response> => {
    const at = new URL(url, web);
    assert.equal(at.origin, web, `the browser was sent to ${at.href}`);
    const response = await fetch(`${internalApi}${at.pathname}${at.search}`, {
      redirect: "manual",
      ...init,
      headers: {
        cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...(init.method === "POST" ? { origin: web, "sec-fetch-site": "same-origin" } : {}),
      },
    });
    for (const line of response.headers.getSetCookie()) {
      assert.equal(/; *secure/i.test(line), web.startsWith("https:"), line);
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0|expires=Thu, 01 Jan 1970/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return response;
  };
  const follow = async (first: Response): Promise<{ path: string; response: Response }> => {
    let response = first;
    let path = "";
    for (;;) {
      const location = response.headers.get("location");
      if (location === null || /^\/(\?|photos)/.test(location)) return { path: location ?? path, response };
      path = location;
      response = await ask(location);
    }
  };
  /** Fills in the form of a page. */
  const fill = async (page: { path: string; response: Response }, fields: Record<string, string>) => {
    const [, action = ""] = /<form method="post" action="([^"]+)"/.exec(await page.response.text()) ?? [];
    const url = new URL(action, new URL(page.path, web)).href;
    return follow(await ask(url, { method: "POST", body: new URLSearchParams(fields) }));
  };
  const post = (path: string) => ask(path, { method: "POST" });
  const token = async () => {
    const response = await post("/session/token");
    assert.equal(response.status, 200, await response.clone().text());
    return (await response.json()) as { accessToken: string; account: { email?: string } };
  };
  return { cookies, ask, follow, fill, post, token };
}

/** The session's endpoints in another process than the server's, which has nothing in its memory. */
async function serveElsewhere(t: TestContext, dataDir: string, { web, internalApi }: Running) {
  const signIn = signInWith({ issuers: [], "issuer.enabled": true }, web, "web");
  assert.ok(signIn);
  const handler = createWebSession({
    ...signIn,
    publicUrl: web,
    key: webSessionKeyOf(await openSecrets(dataDir)),
    fetch: fetchFromInside({ publicUrl: web, internalApiUrl: internalApi }),
  });
  const server = createServer(handler).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  return { web, internalApi: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

const copy = (browser: ReturnType<typeof openBrowser>, running: Pick<Running, "web" | "internalApi">) => {
  const other = openBrowser(running);
  for (const [name, value] of browser.cookies) other.cookies.set(name, value);
  return other;
};

const me = async ({ internalApi }: Running, accessToken: string) => {
  const response = await fetch(`${internalApi}/v1/me`, {
    headers: { authorization: `Bearer ${accessToken}` },
  });
  return { status: response.status, body: (await response.json()) as { email?: string } };
};

test("a person signs up at the embedded issuer, is signed in after a restart, and signs out everywhere", async (t) => {
  const dataDir = await temporaryFolder(t);
  // The same address at every start, though nothing listens there: ports may be taken meanwhile.
  const urls = ["--public-url", "http://localhost:8420", "--bucket-url", "http://127.0.0.1:8421"];
  const first = await up(t, dataDir, urls);
  const browser = openBrowser(first);
  const page = await browser.follow(await browser.ask("/session/sign-in?create=1&return=/photos"));
  const after = await browser.fill(page, {
    name: "Ann",
    email: "ann@example.com",
    password,
    "password-again": password,
  });
  assert.equal(after.path, "/photos");
  const { accessToken, account } = await browser.token();
  assert.equal(account.email, "ann@example.com");
  assert.deepEqual(await me(first, accessToken).then(({ status, body }) => [status, body.email]), [
    200,
    "ann@example.com",
  ]);
  await first.stop();

  const second = await up(t, dataDir, urls);
  const renewed = copy(browser, second);
  assert.notEqual((await renewed.token()).accessToken, accessToken);

  // As if that answer had been lost, and with it the process that remembers it: the issuer takes a refresh token that
  // was used for another 30 seconds.
  const elsewhere = await serveElsewhere(t, dataDir, second);
  const late = copy(browser, elsewhere);
  assert.equal((await me(second, (await late.token()).accessToken)).status, 200);

  const tab = copy(late, second);
  const { location } = (await (await tab.post("/session/sign-out")).json()) as { location: string };
  assert.equal(new URL(location).pathname, "/oidc/end-session");
  assert.equal((await tab.post("/session/token")).status, 204, "its cookies are gone");
  for (const each of [copy(late, second), copy(browser, second), copy(renewed, second)])
    assert.equal((await each.post("/session/token")).status, 401);
  await second.stop();

  // Nor does a process that knows nothing of the sign-out give any out: the issuer does not.
  const third = await up(t, dataDir, urls);
  for (const each of [late, renewed])
    assert.equal((await copy(each, third).post("/session/token")).status, 401);
  await third.stop();
});

test("who signs in again in the same browser ends what that was signed in with before, for a copy too", async (t) => {
  const dataDir = await temporaryFolder(t);
  const running = await up(t, dataDir);
  const browser = openBrowser(running);
  const page = await browser.follow(await browser.ask("/session/sign-in?create=1"));
  await browser.fill(page, { name: "", email: "ann@example.com", password, "password-again": password });
  const stolen = copy(browser, running);
  const again = await browser.follow(await browser.ask("/session/sign-in?return=/photos"));
  assert.equal(again.path, "/photos");

  // Processes that remember nothing: what the issuer says counts.
  const revoked = async () => {
    const status = (await copy(stolen, await serveElsewhere(t, dataDir, running)).post("/session/token"))
      .status;
    return status === 401;
  };
  // The browser does not wait for it.
  for (const deadlineMs = Date.now() + 20_000; !(await revoked()); )
    assert.ok(Date.now() < deadlineMs, "the former session's cookie still works");
  const own = copy(browser, await serveElsewhere(t, dataDir, running));
  assert.equal((await me(running, (await own.token()).accessToken)).status, 200);
});

test("behind a TLS proxy, under a name that this machine does not know, people sign in", async (t) => {
  const dataDir = await temporaryFolder(t);
  const add = spawn(
    process.execPath,
    ["--conditions=source", main, "user", "add", "ann@example.com", "--password-stdin", "--data", dataDir],
    { stdio: ["pipe", "ignore", "inherit"] },
  );
  add.stdin.end(`${password}\n`);
  assert.deepEqual(await once(add, "exit"), [0, null]);
  const urls = ["--public-url", "https://files.invalid", "--bucket-url", "https://bytes.invalid"];
  urls.push("--set", "scanner=none");
  const running = await up(t, dataDir, urls);
  assert.equal(running.web, "https://files.invalid");
  const browser = openBrowser(running);
  const page = await browser.follow(await browser.ask("/session/sign-in?return=/photos"));
  const after = await browser.fill(page, { email: "ann@example.com", password });
  assert.equal(after.path, "/photos");
  assert.deepEqual(
    [...browser.cookies.keys()].filter((name) => /session|id-token/.test(name)),
    ["__Host-stowage-session", "__Host-stowage-id-token"],
  );
  const { accessToken } = await browser.token();
  assert.equal((await me(running, accessToken)).status, 200);
  const { location } = (await (await browser.post("/session/sign-out")).json()) as { location: string };
  assert.match(location, /^https:\/\/files\.invalid\/oidc\/end-session\?/);
  await running.stop();
});

test("no other origin reads the session's answers, whatever corsOrigins says", async (t) => {
  const { web, stop } = await up(t, await temporaryFolder(t), ["--set", "corsOrigins=https://app.example"]);
  const ask = (path: string, method: string) =>
    fetch(`${web}${path}`, {
      method,
      redirect: "manual",
      headers: {
        origin: "https://app.example",
        ...(method === "OPTIONS" ? { "access-control-request-method": "POST" } : {}),
      },
    });
  assert.equal(
    (await ask("/v1/me", "OPTIONS")).headers.get("access-control-allow-origin"),
    "https://app.example",
  );
  for (const path of ["/session", "/session/token", "/session/sign-out", "/session/sign-in", "/session/x"])
    for (const method of ["GET", "POST", "OPTIONS"]) {
      const { status, headers } = await ask(path, method);
      assert.deepEqual(
        [...headers.keys()].filter((name) => name.startsWith("access-control-")),
        [],
        `${method} ${path} ${status}`,
      );
      assert.equal(headers.get("cache-control"), "no-store");
    }
  await stop();
});
