import assert from "node:assert/strict";
import { test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { listAll } from "./harness/files.ts";
import { freePortPair } from "./harness/free-ports.ts";
import { makeJpeg } from "./harness/images.ts";
import {
  action,
  apiOf,
  fileTile,
  newAccount,
  openVisitor,
  pickFiles,
  pressSignOut,
  signIn,
  signOut,
  signUp,
  uploadLine,
  uploadPanel,
  type Visitor,
  waitUntilSignedIn,
  waitUntilSignedOut,
} from "./harness/web-page.ts";
import { describeWebSuite } from "./harness/web-suite.ts";
import type { Upload } from "./harness/wire.ts";

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
  // The page that was open goes on, and so does one that is opened anew.
  const other = "after-the-restart.jpg";
  await pickFiles(page, [
    { name: other, mimeType: "image/jpeg", buffer: await makeJpeg({ width: 300, height: 200 }) },
  ]);
  await fileTile(page, other).waitFor();
  // What was refused meanwhile has been said on the console by now.
  stop();
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

/** Signs up, and has a picture on its way to a bucket that does not answer until `open` is called. */
async function beginSending({ page, context }: Visitor) {
  const account = await signUp(page, suite.server.web);
  const bucket = new URL(suite.server.bucket).origin;
  const isBucket = (url: URL) => url.origin === bucket;
  await context.route(isBucket, () => undefined);
  await pickFiles(page, [
    { name, mimeType: "image/jpeg", buffer: await makeJpeg({ width: 300, height: 200 }) },
  ]);
  await uploadLine(page, name)
    .filter({ hasText: /Sending/ })
    .waitFor();
  return { account, open: () => context.unroute(isBucket) };
}

test("who signs out with something on its way may keep it: it goes on when they are back, and nobody else sees it", {
  skip,
}, async () => {
  const visitor = await openVisitor(suite.browser);
  const { context, page, watch } = visitor;
  const { account, open } = await beginSending(visitor);
  const other = await openTab(context);
  await uploadLine(other, name).waitFor();
  await pressSignOut(page);
  const question = page.getByRole("dialog", { name: "Uploads are under way" });
  await question.getByText("One file has not arrived yet.").waitFor();
  await action(question, "Stay").click();
  await question.waitFor({ state: "hidden" });
  await action(page, "Sign out").click();
  await action(question, "Keep it on this device").click();
  await waitUntilSignedOut(page);
  await other.getByText("One file has not arrived. It is kept on this device").waitFor();
  for (const tab of [page, other]) assert.ok(!(await tab.content()).includes(name));

  await signUp(page, suite.server.web, newAccount("Somebody Else"));
  await page.waitForLoadState("networkidle");
  assert.equal(await uploadPanel(page).count(), 0);
  assert.ok(!(await page.content()).includes(name));
  await signOut(page);

  await open();
  await signIn(page, suite.server.web, account);
  await fileTile(page, name).waitFor();
  watch.assertClean();
  await context.close();
});

test("who signs out with something on its way may delete it, on the server and on this device", {
  skip,
}, async () => {
  const visitor = await openVisitor(suite.browser);
  const { context, page, watch } = visitor;
  const { account, open } = await beginSending(visitor);
  await pressSignOut(page);
  await action(page.getByRole("dialog"), "Delete it").click();
  await waitUntilSignedOut(page);
  assert.equal(await page.getByText(/not arrived/).count(), 0, "nothing is kept");
  await open();
  await signIn(page, suite.server.web, account);
  await page.waitForLoadState("networkidle");
  assert.equal(await uploadPanel(page).count(), 0);
  const uploads = await listAll<Upload>(await apiOf(page, suite.server.api), "/v1/uploads");
  assert.deepEqual(
    uploads.map(({ state }) => state),
    ["aborted"],
  );
  watch.assertClean();
  await context.close();
});
