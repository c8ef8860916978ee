import assert from "node:assert/strict";
import { test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { freePortPair } from "./harness/free-ports.ts";
import { makeJpeg } from "./harness/images.ts";
import {
  action,
  fileTile,
  openVisitor,
  pickFiles,
  pressSignOut,
  signUp,
  uploadLine,
  waitUntilSignedIn,
  waitUntilSignedOut,
} from "./harness/web-page.ts";
import { describeWebSuite } from "./harness/web-suite.ts";

// The bucket's port follows the API's, also after a restart.
const suite = describeWebSuite(async () => ({ port: await freePortPair() }));
const { skip } = suite;
const name = "only-for-me.jpg";

/** Cookies of the web origin as a request header. */
async function cookieHeaderOf(context: BrowserContext): Promise<string> {
  const cookies = await context.cookies(suite.server.web);
  return cookies.map((cookie) => `${cookie.name}=${cookie.value}`).join("; ");
}

/** What the session's endpoint answers to a request that a thief of the cookies would send. */
const askForToken = (cookie: string): Promise<Response> =>
  fetch(`${suite.server.web}/session/token`, {
    method: "POST",
    headers: { cookie, origin: suite.server.web },
  });

const openTab = async (context: BrowserContext): Promise<Page> => {
  const page = await context.newPage();
  await page.goto(suite.server.web);
  await waitUntilSignedIn(page);
  return page;
};

test("a session goes on when the whole server was killed and started again", { skip }, async () => {
  const { context, page, watch } = await openVisitor(suite.browser);
  await signUp(page, suite.server.web);
  await pickFiles(page, [
    { name, mimeType: "image/jpeg", buffer: await makeJpeg({ width: 300, height: 200 }) },
  ]);
  await fileTile(page, name).waitFor();
  watch.assertClean();
  const stop = watch.expect(/ERR_CONNECTION|ERR_EMPTY_RESPONSE|ERR_INCOMPLETE|ERR_SOCKET/);
  await suite.restart();
  stop();
  // The page that was open goes on, and so does one that is opened anew.
  const other = "after-the-restart.jpg";
  await pickFiles(page, [
    { name: other, mimeType: "image/jpeg", buffer: await makeJpeg({ width: 300, height: 200 }) },
  ]);
  await fileTile(page, other).waitFor();
  await page.reload();
  await fileTile(page, name).waitFor();
  await fileTile(page, other).waitFor();
  watch.assertClean();
  await context.close();
});

test("signing out in one tab ends it in every tab, and the way back shows nothing", { skip }, async () => {
  const { context, page, watch } = await openVisitor(suite.browser);
  const account = await signUp(page, suite.server.web);
  await pickFiles(page, [
    { name, mimeType: "image/jpeg", buffer: await makeJpeg({ width: 300, height: 200 }) },
  ]);
  await fileTile(page, name).waitFor();
  const second = await openTab(context);
  const third = await openTab(context);
  await fileTile(third, name).click();
  await third.getByRole("dialog").waitFor();
  await page.getByRole("link", { name: "Trash", exact: true }).click();
  const stolen = await cookieHeaderOf(context);
  assert.equal((await askForToken(stolen)).status, 200, "the cookies are those of a session");
  watch.assertClean();

  await pressSignOut(page);
  for (const tab of [page, second, third]) {
    await waitUntilSignedOut(tab);
    const content = await tab.content();
    for (const secret of [name, account.email])
      assert.ok(!content.includes(secret), `${tab.url()} shows ${secret}`);
  }
  for (const tab of [page, third]) {
    await tab.goBack();
    await waitUntilSignedOut(tab);
    assert.ok(!(await tab.content()).includes(name), "the way back shows a file");
    assert.equal(await tab.locator("img[src*='X-Amz-']").count(), 0);
  }
  // 204: to a browser that was never signed in.
  assert.equal((await askForToken(await cookieHeaderOf(context))).status, 204, "the browser keeps a session");
  assert.equal((await askForToken(stolen)).status, 401, "an old cookie still works");
  await suite.restart();
  assert.equal((await askForToken(stolen)).status, 401, "an old cookie works again after a restart");
  // The issuer has forgotten the browser, too.
  await page.goto(suite.server.web);
  await action(page, "Sign in").first().click();
  await page.getByLabel("Password", { exact: true }).waitFor();
  await context.close();
});

test("signing out while something is sent ends that, too", { skip }, async () => {
  const { context, page, watch } = await openVisitor(suite.browser);
  await signUp(page, suite.server.web);
  const bucket = new URL(suite.server.bucket).origin;
  await context.route(
    (url) => url.origin === bucket,
    () => undefined,
  );
  await pickFiles(page, [
    { name, mimeType: "image/jpeg", buffer: await makeJpeg({ width: 300, height: 200 }) },
  ]);
  await uploadLine(page, name)
    .filter({ hasText: /Sending/ })
    .waitFor();
  await pressSignOut(page);
  // Whoever would lose something by it is asked.
  await action(page.getByRole("dialog"), /^Sign out/).click();
  await waitUntilSignedOut(page);
  assert.ok(!(await page.content()).includes(name));
  watch.assertClean();
  await context.close();
});
