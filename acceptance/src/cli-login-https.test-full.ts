import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { assertSaid } from "./harness/assert-said.ts";
import { launchChromium } from "./harness/chromium.ts";
import { freePortPair, freePorts } from "./harness/free-ports.ts";
import { startLogin } from "./harness/login-command.ts";
import { checkoutDir, makeFolder, removeFolder, runCli } from "./harness/run-cli.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { filesHost, pageHost, startTlsProxy, type TlsProxy } from "./harness/start-tls-proxy.ts";
import { fillSignIn, newAccount, openVisitor } from "./harness/web-page.ts";

let proxy: TlsProxy;
let server: Server;
let browser: Browser;
let home: string;
before(async () => {
  const [port = 0] = await freePorts(1);
  const apiPort = await freePortPair();
  proxy = await startTlsProxy({ port, apiPort, bucketPort: apiPort + 1 });
  const { publicUrl, bucketUrl } = proxy;
  server = await startServer({
    port: apiPort,
    args: ["--public-url", publicUrl, "--bucket-url", bucketUrl],
    set: { scanner: "none" },
  });
  browser = await launchChromium({
    hosts: { [pageHost]: "127.0.0.1", [filesHost]: "127.0.0.1" },
    trustedKeySha256: proxy.keySha256,
  });
  home = await makeFolder("https-home");
});
after(async () => {
  await browser?.close();
  await server?.stop();
  await proxy?.stop();
  await removeFolder(home);
});

test("login, ls and logout work behind a TLS proxy, and trust no certificate that nobody vouches for", async () => {
  const account = newAccount();
  const added = await runCli(["user", "add", account.email, "--password-stdin", "--data", server.dataDir], {
    stdin: account.password,
  });
  assertSaid(added, 0);
  const names = `--require=${join(checkoutDir, "acceptance", "src", "harness", "resolve-test-names.cjs")}`;
  const untrusting = {
    STOWAGE_SERVER: proxy.publicUrl,
    HOME: home,
    XDG_CONFIG_HOME: join(home, ".config"),
    NODE_OPTIONS: names,
  };
  const env = { ...untrusting, NODE_EXTRA_CA_CERTS: proxy.authorityFile };
  assertSaid(await runCli(["login"], { env: untrusting }), 1, /certificate is not trusted \(\w+\)/);

  const { page, watch, context } = await openVisitor(browser);
  const login = await startLogin({ env });
  await page.goto(login.authorizationUrl);
  await fillSignIn(page, account);
  await page.getByRole("heading", { name: "You are signed in" }).waitFor();
  const result = await login.result();
  assertSaid(result, 0);
  assert.equal(result.stdout, `You are signed in to ${proxy.publicUrl} as ${account.email}.\n`);
  watch.assertClean();
  await context.close();

  const ls = await runCli(["ls"], { env });
  assertSaid(ls, 0, /no files yet/);
  assertSaid(await runCli(["logout"], { env }), 0);
  assertSaid(await runCli(["ls"], { env }), 4);
});
