import assert from "node:assert/strict";
import { test } from "node:test";
import { assertAccessible } from "./harness/accessibility.ts";
import { freePortPair } from "./harness/free-ports.ts";
import { makeJpeg } from "./harness/images.ts";
import { readDevice } from "./harness/read-device.ts";
import { runCli } from "./harness/run-cli.ts";
import { filesHost, pageHost } from "./harness/start-tls-proxy.ts";
import {
  action,
  fileTile,
  fillSignUp,
  newAccount,
  openVisitor,
  pickFiles,
  viewer,
  waitUntilSignedIn,
} from "./harness/web-page.ts";
import { describeWebSuite } from "./harness/web-suite.ts";

/** Neither host is loopback to a browser: what it keeps for secure contexts is not there. */
const suite = describeWebSuite(
  async () => {
    const port = await freePortPair();
    return {
      port,
      args: [
        "--insecure-http",
        "--set",
        "scanner=none",
        "--public-url",
        `http://${pageHost}:${port}`,
        "--bucket-url",
        `http://${filesHost}:${port + 1}`,
      ],
    };
  },
  { hosts: { [pageHost]: "127.0.0.1", [filesHost]: "127.0.0.1" } },
);
const { skip } = suite;

const notice = /not encrypted|insecure|without encryption|plain http/i;

test("on plain http beyond loopback the page says what is missing, and still signs up and uploads", {
  skip,
}, async () => {
  const { context, page, watch } = await openVisitor(suite.browser);
  const { web, dataDir } = suite.server;
  assert.equal(new URL(web).hostname, pageHost);
  await page.goto(web);
  assert.equal(await page.evaluate(() => window.isSecureContext), false);
  assert.equal(await page.evaluate(() => typeof window.crypto.subtle), "undefined");
  await page.getByText(notice).first().waitFor();
  await assertAccessible(page, "the notice of an insecure page");

  // Strangers can't make an account here.
  assert.equal(await action(page, "Create account").count(), 0, "offers sign-up to strangers");
  const account = newAccount("Iris");
  const invited = await runCli(["user", "invite", account.email, "--data", dataDir]);
  assert.equal(invited.status, 0, invited.stderr);
  const link = /https?:\/\/\S+/.exec(invited.stdout)?.[0] ?? "";
  assert.equal(new URL(link).origin, web);
  await page.goto(link);
  await fillSignUp(page, account);
  // A link may end at a page that leads on.
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
  await page.getByText(notice).first().waitFor();
  for (const cookie of await context.cookies(web)) {
    assert.ok(cookie.httpOnly, cookie.name);
    assert.doesNotMatch(cookie.name, /^__/, "a browser refuses such a name here");
  }
  const name = "in-the-clear.jpg";
  await pickFiles(page, [
    { name, mimeType: "image/jpeg", buffer: await makeJpeg({ width: 500, height: 400 }) },
  ]);
  await fileTile(page, name).waitFor();
  // In another network another machine may have this address: nothing that it could read is kept.
  await page.reload();
  await fileTile(page, name).click();
  await viewer(page, name).locator(`img[alt="${name}"]`).waitFor();
  await page.keyboard.press("Escape");
  await action(page, "Account").click();
  await page.getByText("No pictures are kept on this device: this connection is not encrypted.").waitFor();
  const device = await readDevice(page);
  assert.deepEqual(device.kept, []);
  assert.ok(!device.text.includes(name));

  // Once only.
  await context.clearCookies();
  watch.expect(/status of 4\d\d/);
  const again = await page.goto(link);
  assert.ok((again?.status() ?? 0) >= 400, "the link works a second time");
  watch.assertClean();
  await context.close();
});
