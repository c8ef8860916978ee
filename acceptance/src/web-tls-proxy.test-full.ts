import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { launchChromium } from "./harness/chromium.ts";
import { freePortPair, freePorts } from "./harness/free-ports.ts";
import { layOutPhotographs, type Photograph } from "./harness/photographs.ts";
import { jsonLines, makeFolder, removeFolder, runCli } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { filesHost, pageHost, startTlsProxy, type TlsProxy } from "./harness/start-tls-proxy.ts";
import { sha256Of } from "./harness/transfer.ts";
import { makeVideo } from "./harness/videos.ts";
import {
  action,
  fileTile,
  fillSignUp,
  newAccount,
  openVisitor,
  pickFiles,
  pressSignOut,
  signIn,
  uploadLine,
  viewer,
  waitUntilSignedIn,
} from "./harness/web-page.ts";

let proxy: TlsProxy;
let server: Server;
let browser: Browser;
let folder: string;
let photographs: readonly Photograph[];

before(async () => {
  folder = await makeFolder("behind-a-proxy");
  photographs = await layOutPhotographs(folder, 4);
  const apiPort = await freePortPair();
  const [port = 0] = await freePorts(1);
  proxy = await startTlsProxy({ port, apiPort, bucketPort: apiPort + 1 });
  server = await startServer({
    port: apiPort,
    args: ["--public-url", proxy.publicUrl, "--bucket-url", proxy.bucketUrl],
    set: { scanner: "none" },
  });
  browser = await launchChromium({
    hosts: { [pageHost]: "127.0.0.1", [filesHost]: "127.0.0.1" },
    trustedKeySha256: proxy.keySha256,
  });
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await proxy?.stop();
  await removeFolder(folder);
});

/** A request to the proxy, with headers that a browser would not send. */
const ask = (
  path: string,
  headers: Readonly<Record<string, string>> = {},
  method = "GET",
): Promise<{
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly text: string;
}> =>
  new Promise((resolve, reject) => {
    const asked = request(
      {
        host: "127.0.0.1",
        port: proxy.port,
        method,
        path,
        servername: pageHost,
        ca: proxy.authority,
        headers: { host: `${pageHost}:${proxy.port}`, ...headers },
      },
      (answer) => {
        const chunks: Buffer[] = [];
        answer.on("data", (chunk: Buffer) => chunks.push(chunk));
        answer.on("end", () =>
          resolve({
            status: answer.statusCode ?? 0,
            headers: answer.headers,
            text: Buffer.concat(chunks).toString("utf8"),
          }),
        );
      },
    );
    asked.once("error", reject);
    asked.end();
  });

test("behind TLS somebody is invited, signs up, uploads, downloads, signs out and in again", async () => {
  const { context, page, watch } = await openVisitor(browser);
  const account = newAccount("Thea");
  assert.equal(server.web, proxy.publicUrl);
  await page.goto(server.web);
  assert.equal(await page.evaluate(() => window.isSecureContext), true);
  assert.equal(await action(page, "Create account").count(), 0, "offers sign-up to strangers");
  const invited = await runCli(["user", "invite", account.email, "--data", server.dataDir]);
  const link = /https:\/\/\S+/.exec(invited.stdout)?.[0] ?? "";
  assert.equal(new URL(link).origin, proxy.publicUrl, invited.stderr);
  await page.goto(link);
  await fillSignUp(page, account);
  const onward = action(page, /sign in|go on|continue|open/i).first();
  const added = action(page, "Add files").first();
  // Not a race of two waits: the one that loses would go on, and press whatever is called so later.
  await added.or(onward).first().waitFor();
  if (!(await added.isVisible())) await onward.click();
  if (await page.getByLabel("Password", { exact: true }).isVisible()) {
    await page.getByLabel("E-mail address").fill(account.email);
    await page.getByLabel("Password", { exact: true }).fill(account.password);
    await page.getByRole("button", { name: "Sign in" }).click();
  }
  await waitUntilSignedIn(page);

  const cookies = await context.cookies();
  assert.ok(cookies.length > 0);
  for (const cookie of cookies) {
    assert.match(cookie.name, /^__Host-/, "the browser must take it from this very host alone");
    assert.ok(cookie.secure && cookie.httpOnly && cookie.path === "/", cookie.name);
    assert.equal(cookie.domain, pageHost);
  }

  const video = makeVideo(21_000_000);
  await pickFiles(
    page,
    photographs.map(({ path }) => path),
  );
  await pickFiles(page, [{ name: "in-parts.mp4", mimeType: "video/mp4", buffer: video }]);
  for (const { name } of photographs) await fileTile(page, name).waitFor();
  await uploadLine(page, "in-parts.mp4").filter({ hasText: "Ready" }).waitFor({ timeout: 90_000 });
  const puts = watch.requests.filter(({ method }) => method === "PUT");
  assert.deepEqual([...new Set(puts.map(({ origin }) => origin))], [proxy.bucketUrl]);
  for (const [name, sha256] of [
    [photographs[0]?.name ?? "", photographs[0]?.sha256],
    ["in-parts.mp4", sha256Of(video)],
  ] as const) {
    await fileTile(page, name).click();
    const downloading = page.waitForEvent("download");
    await action(viewer(page, name), "Download").click();
    assert.equal(sha256Of(await readFile(await (await downloading).path())), sha256, name);
    await action(viewer(page, name), "Close").click();
  }
  watch.assertClean();
  await pressSignOut(page);
  await action(page, "Sign in").first().waitFor();
  await signIn(page, server.web, account);
  await fileTile(page, photographs[0]?.name ?? "").waitFor();
  watch.assertClean();
  await context.close();
});

test("the command line works through the proxy as it does without", async () => {
  const added = await runCli(["user", "add", "cli@example.test", "--data", server.dataDir]);
  assert.equal(added.status, 0, added.stderr);
  const token = (await runCli(["token", "cli@example.test", "--data", server.dataDir])).stdout.trim();
  const env = {
    STOWAGE_SERVER: proxy.publicUrl,
    STOWAGE_TOKEN: token,
    NODE_EXTRA_CA_CERTS: proxy.authorityFile,
    NODE_OPTIONS: `--require=${join(import.meta.dirname, "harness", "resolve-test-names.cjs")}`,
  };
  const put = await runCli(["put", ...photographs.map(({ path }) => path), "--json"], { env });
  assert.equal(put.status, 0, put.stderr);
  const ended = jsonLines<{ readonly file: string; readonly id: string; readonly state: string }>(put.stdout);
  assert.deepEqual([...new Set(ended.map(({ state }) => state))], ["ready"]);
  const [first] = ended;
  assert.ok(first);
  const target = join(folder, "back.jpg");
  const got = await runCli(["get", first.id, "-o", target], { env });
  assert.equal(got.status, 0, got.stderr);
  const sha256 = createHash("sha256")
    .update(await readFile(target))
    .digest("hex");
  assert.ok(photographs.some((photograph) => photograph.sha256 === sha256));
  const doctor = await runCli(["doctor", "--data", server.dataDir, "--json"], { env });
  const checks = jsonLines<{ readonly check: string; readonly status: string; readonly detail: string }>(
    doctor.stdout,
  );
  for (const name of ["public-api", "public-bucket"])
    assert.equal(checks.find(({ check }) => check === name)?.status, "ok", JSON.stringify(checks));
});

test("no header of a request changes what is issued, redirected to, or set", async () => {
  const forged = {
    "x-forwarded-host": "evil.example",
    "x-forwarded-proto": "http",
    "x-forwarded-port": "1",
    "x-original-host": "evil.example",
    forwarded: "host=evil.example;proto=http",
  };
  for (const headers of [forged, { ...forged, host: "evil.example" }]) {
    for (const path of [
      "/oidc/.well-known/openid-configuration",
      "/.well-known/oauth-protected-resource",
      "/openapi.json",
    ]) {
      const sound = await ask(path);
      const bent = await ask(path, headers);
      assert.equal(bent.status, sound.status, path);
      assert.equal(bent.text, sound.text, path);
    }
    for (const path of ["/session/sign-in", "/session/callback?code=x&state=y", "/"]) {
      const { headers: got, text } = await ask(path, headers);
      assert.doesNotMatch(JSON.stringify(got) + text, /evil\.example/, path);
      const { location } = got;
      if (typeof location === "string")
        assert.equal(new URL(location, proxy.publicUrl).origin, proxy.publicUrl, path);
    }
  }
});

test("signing out behind TLS ends the session", async () => {
  const added = newAccount("Otto");
  const { status, stderr } = await runCli(
    ["user", "add", added.email, "--password-stdin", "--data", server.dataDir],
    {
      stdin: `${added.password}\n`,
    },
  );
  assert.equal(status, 0, stderr);
  const { context, page } = await openVisitor(browser);
  await signIn(page, server.web, added);
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
  const asked = await ask("/session/token", { origin: proxy.publicUrl, cookie }, "POST");
  assert.equal(asked.status, 200, "the cookies are those of a session");
  await pressSignOut(page);
  await action(page, "Sign in").first().waitFor();
  assert.deepEqual(
    (await context.cookies()).filter(({ name }) => /session/.test(name) && name.startsWith("__Host-stowage")),
    [],
  );
  assert.equal(
    (await ask("/session/token", { origin: proxy.publicUrl, cookie }, "POST")).status,
    401,
    "an old cookie works",
  );
  await context.close();
});
