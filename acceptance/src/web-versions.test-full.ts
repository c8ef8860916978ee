import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, test } from "node:test";
import type { Locator, Page } from "playwright-core";
import { assertAccessible } from "./harness/accessibility.ts";
import type { Api } from "./harness/api-client.ts";
import { getFile, getMe, listAll } from "./harness/files.ts";
import { createKeyboard } from "./harness/keyboard.ts";
import { layOutMadePictures, type Photograph } from "./harness/photographs.ts";
import { makeFolder, removeFolder } from "./harness/run-cli.ts";
import { sha256Of } from "./harness/transfer.ts";
import { uploadToEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";
import {
  action,
  apiOf,
  fileTile,
  openVisitor,
  type PickedFile,
  pickFiles,
  signOut,
  signUp,
  type Visitor,
  viewer,
  waitUntilSignedOut,
} from "./harness/web-page.ts";
import { describeWebSuite } from "./harness/web-suite.ts";
import type { FileVersion, StoredFile } from "./harness/wire.ts";

const suite = describeWebSuite();
const { skip } = suite;
const name = "plan.jpg";

let folder: string;
let pictures: readonly Photograph[];
suite.prepare(async () => {
  folder = await makeFolder("web-versions");
  pictures = await layOutMadePictures(folder, 4);
});
after(async () => {
  if (!skip) await removeFolder(folder);
});

const picture = (index: number): Buffer => pictures[index]?.bytes ?? Buffer.of();
const picked = (index: number, as: string): PickedFile => ({
  name: as,
  mimeType: "image/jpeg",
  buffer: picture(index),
});

const panel = (page: Page): Locator => page.getByRole("complementary", { name: "Versions" });
const versionItem = (page: Page, version: number): Locator =>
  panel(page)
    .getByRole("listitem")
    .filter({ hasText: new RegExp(`^Version ${version} `) });
const said = (page: Page, words: string | RegExp): Promise<void> =>
  page.getByRole("status").filter({ hasText: words }).first().waitFor({ timeout: 30_000 });

/** "3 Kept beside, 2 Current, 1 Replaced" */
const historyOnPage = (page: Page): Promise<string> =>
  panel(page)
    .locator("li p:first-child")
    .evaluateAll((titles) =>
      titles.map((title) => (title.textContent ?? "").replace("Version ", "")).join(", "),
    );
const waitForHistory = (page: Page, wanted: string): Promise<unknown> =>
  waitFor(`the page to show ${wanted}`, async () => (await historyOnPage(page)) === wanted);

async function replaceOnPage(page: Page, file: PickedFile): Promise<void> {
  const chosen = page.waitForEvent("filechooser");
  await action(panel(page), "Replace with a new version").click();
  await (await chosen).setFiles(file);
}

interface Owner extends Visitor {
  readonly api: Api;
  readonly fileId: string;
}

/** Somebody with one file, which is open with its versions. */
async function openOwner(): Promise<Owner> {
  const visitor = await openVisitor(suite.browser);
  const { page } = visitor;
  await signUp(page, suite.server.web);
  await pickFiles(page, [picked(0, name)]);
  await fileTile(page, name).waitFor({ timeout: 60_000 });
  const api = await apiOf(page, suite.server.api);
  const [file] = await listAll<StoredFile>(api, "/v1/files");
  assert.ok(file);
  await openVersions(page);
  await waitForHistory(page, "1 Current");
  return { ...visitor, api, fileId: file.id };
}

async function openVersions(page: Page): Promise<void> {
  await fileTile(page, name).click();
  await viewer(page, name).waitFor();
  await action(viewer(page, name), "Versions").click();
  await panel(page).waitFor();
}

const bytesSaved = async (page: Page, button: Locator): Promise<Buffer> => {
  const downloading = page.waitForEvent("download");
  await button.click();
  return readFile(await (await downloading).path());
};

/** Another device's new version. */
async function replaceElsewhere({ api, fileId }: Owner, index: number, version: number): Promise<void> {
  const { state } = await uploadToEnd(api, picture(index), {
    name: "elsewhere.jpg",
    contentType: "image/jpeg",
    replaces: { fileId, version },
  });
  assert.equal(state, "ready");
}

test("a person replaces a file, sees what it was, makes that current again and deletes what is not wanted", {
  skip,
}, async () => {
  const owner = await openOwner();
  const { context, page, watch, api, fileId } = owner;

  await replaceOnPage(page, picked(1, "plan, second try.jpg"));
  await said(page, `${name} is now version 2.`);
  await waitForHistory(page, "2 Current, 1 Replaced");
  await versionItem(page, 2).getByText("Sent as plan, second try.jpg").waitFor();
  await versionItem(page, 2).getByText("JPEG · ").waitFor();
  const replaced = await getFile(api, fileId);
  assert.deepEqual([replaced.version, replaced.sha256, replaced.name], [2, sha256Of(picture(1)), name]);

  // The old one is seen and saved.
  await action(panel(page), "Show version 1").click();
  await said(page, "This is version 1, of ");
  assert.deepEqual(await bytesSaved(page, action(viewer(page, name), "Download")), picture(0));
  await action(page, "Show the current one").click();
  assert.deepEqual(await bytesSaved(page, action(viewer(page, name), "Download")), picture(1));
  assert.deepEqual(await bytesSaved(page, action(panel(page), "Download version 1")), picture(0));

  // Current again, and taken back.
  await action(panel(page), "Restore version 1").click();
  await said(page, `Version 1 of ${name} is the current one now.`);
  await waitForHistory(page, "2 Replaced, 1 Current");
  assert.equal((await getFile(api, fileId)).sha256, sha256Of(picture(0)));
  await action(viewer(page, name), "Undo").click();
  await waitForHistory(page, "2 Current, 1 Replaced");
  assert.equal((await getFile(api, fileId)).version, 2);

  // Deleted, after a question that says what goes.
  const { usedBytes } = await getMe(api);
  await action(panel(page), "Delete version 1").click();
  const question = page.getByRole("dialog", { name: "Delete version 1 for good?" });
  await question.getByText(`What was sent as ${name} on `).waitFor();
  await action(question, "Keep it").click();
  await question.waitFor({ state: "hidden" });
  await waitForHistory(page, "2 Current, 1 Replaced");
  await action(panel(page), "Delete version 1").click();
  await action(question, "Delete for good").click();
  await said(page, `Version 1 of ${name} deleted for good.`);
  await waitForHistory(page, "2 Current");
  assert.deepEqual(
    (await listAll<FileVersion>(api, `/v1/files/${fileId}/versions`)).map(({ version }) => version),
    [2],
  );
  assert.ok((await getMe(api)).usedBytes < usedBytes, "its room is free again");
  assert.equal(await action(panel(page), "Delete version 2").count(), 0, "the current one can't be deleted");
  watch.assertClean();
  await context.close();
});

test("a version that crosses another is kept beside it, which the page says, and a person decides", {
  skip,
}, async () => {
  const owner = await openOwner();
  const { context, page, watch, api, fileId } = owner;

  await replaceElsewhere(owner, 1, 1);
  await replaceOnPage(page, picked(2, name));
  await said(page, `${name} was changed elsewhere meanwhile. Yours is kept beside it as version 3.`);
  await waitForHistory(page, "3 Kept beside, 2 Current, 1 Replaced");
  const crossed = await getFile(api, fileId);
  assert.deepEqual(
    [crossed.version, crossed.conflicts, crossed.sha256],
    [2, 1, sha256Of(picture(1))],
    "nothing was overwritten",
  );
  await versionItem(page, 3).getByText("Nothing was overwritten.").waitFor();

  // Whoever opens the file next is told, without the panel too.
  await page.reload();
  await said(page, "This file was changed in two places at once.");
  await action(viewer(page, name), "See versions").click();
  await panel(page).getByText("The other version is kept beside the current one.").waitFor();
  await action(panel(page), "Make current: version 3").click();
  await waitForHistory(page, "3 Current, 2 Replaced, 1 Replaced");
  const decided = await getFile(api, fileId);
  assert.deepEqual([decided.version, decided.conflicts, decided.sha256], [3, 0, sha256Of(picture(2))]);

  // What was decided on a history that is no longer true is not done.
  await replaceElsewhere(owner, 3, 3);
  const stop = watch.expect(/status of 412/);
  await action(panel(page), "Restore version 1").click();
  await said(page, `${name} was changed elsewhere, so nothing was done. It is shown as it is now.`);
  await waitForHistory(page, "4 Current, 3 Replaced, 2 Replaced, 1 Replaced");
  assert.equal((await getFile(api, fileId)).version, 4);
  stop();
  watch.assertClean();
  await context.close();
});

test("a new version that is refused, given up or cut off leaves the file as it was, and the page says why", {
  skip,
}, async () => {
  const { context, page, watch, api, fileId } = await openOwner();
  const before = await getFile(api, fileId);

  await replaceOnPage(page, {
    name: "liar.jpg",
    mimeType: "image/jpeg",
    buffer: Buffer.from("no photograph ".repeat(60)),
  });
  await panel(page)
    .getByRole("alert")
    .filter({ hasText: /^It did not become a version\. \S/ })
    .waitFor();
  await action(panel(page), "Dismiss liar.jpg").click();
  assert.deepEqual(await getFile(api, fileId), before);

  // Given up while it is sent.
  const bucket = new URL(suite.server.bucket).origin;
  const isBucket = (url: URL): boolean => url.origin === bucket;
  const held: (() => Promise<void>)[] = [];
  await context.route(isBucket, async (route) => {
    if (route.request().method() === "PUT") held.push(() => route.continue());
    else await route.continue();
  });
  await replaceOnPage(page, picked(1, "slow.jpg"));
  await waitFor("it to be sent", () => held.length > 0);
  await action(panel(page), "Cancel slow.jpg").click();
  await action(panel(page), "Replace with a new version").waitFor();
  await waitFor("its upload to end", async () => (await getMe(api)).openUploads === 0);
  assert.deepEqual(await getFile(api, fileId), before);

  // Who has closed the file is told elsewhere.
  await replaceOnPage(page, {
    name: "liar.jpg",
    mimeType: "image/jpeg",
    buffer: Buffer.from("no picture ".repeat(60)),
  });
  await waitFor("it to be sent", () => held.length > 1);
  await action(viewer(page, name), "Close").click();
  await viewer(page).waitFor({ state: "hidden" });
  await held[1]?.();
  await said(page, /^liar\.jpg did not become a version\. \S/);
  await openVersions(page);
  await action(panel(page), "Dismiss liar.jpg").click();

  // What is on its way goes on when the file is closed.
  held.length = 0;
  await replaceOnPage(page, picked(1, "slow.jpg"));
  await waitFor("it to be sent", () => held.length > 0);
  await action(viewer(page, name), "Close").click();
  await viewer(page).waitFor({ state: "hidden" });
  await action(page, "Account").click();
  await action(page, "Sign out").click();
  const question = page.getByRole("dialog", { name: "Uploads are under way" });
  await question.getByText("One new version has not arrived").waitFor();
  await action(question, "Stay").click();
  for (const go of held) await go();
  await context.unrouteAll({ behavior: "ignoreErrors" });
  await said(page, `${name} is now version 2.`);
  await openVersions(page);
  await waitForHistory(page, "2 Current, 1 Replaced");

  // The store can't be reached for longer than the page tries; then it can.
  const stop = watch.expect(/ERR_FAILED|status of 409 .*complete/);
  await context.route(isBucket, async (route) => {
    if (route.request().method() === "PUT") await route.abort();
    else await route.continue();
  });
  await replaceOnPage(page, picked(2, "cut off.jpg"));
  await action(panel(page), "Try cut off.jpg again").waitFor({ timeout: 90_000 });
  await context.unrouteAll({ behavior: "ignoreErrors" });
  await action(panel(page), "Try cut off.jpg again").click();
  await said(page, `${name} is now version 3.`);
  await waitForHistory(page, "3 Current, 2 Replaced, 1 Replaced");
  assert.equal((await getFile(api, fileId)).sha256, sha256Of(picture(2)));
  stop();
  watch.assertClean();
  await context.close();
});

test("a long history comes page by page, and one that can't be had is asked for again", {
  skip,
}, async () => {
  const owner = await openOwner();
  const { context, page, watch } = owner;
  await replaceElsewhere(owner, 1, 1);
  await replaceElsewhere(owner, 2, 2);
  const isHistory = (url: URL): boolean => url.pathname.endsWith("/versions");
  await context.route(isHistory, async (route) => {
    const url = new URL(route.request().url());
    url.searchParams.set("limit", "2");
    await route.continue({ url: url.href });
  });
  await page.reload();
  await action(viewer(page, name), "Versions").click();
  await waitForHistory(page, "3 Current, 2 Replaced");
  await action(panel(page), "Show older versions").click();
  await waitForHistory(page, "3 Current, 2 Replaced, 1 Replaced");
  assert.equal(await action(panel(page), "Show older versions").count(), 0);
  await context.unrouteAll();

  const stop = watch.expect(/ERR_FAILED/);
  await context.route(isHistory, (route) => route.abort());
  await page.reload();
  await action(viewer(page, name), "Versions").click();
  await panel(page)
    .getByRole("alert")
    .filter({ hasText: "The history can’t be shown right now." })
    .waitFor({ timeout: 60_000 });
  await assertAccessible(page, "a history that can't be had");
  await context.unrouteAll();
  await action(panel(page), "Try again").click();
  await waitForHistory(page, "3 Current, 2 Replaced, 1 Replaced");
  stop();
  watch.assertClean();
  await context.close();
});

test("a sign-out in another tab stops a new version that is being sent", { skip }, async () => {
  const { context, page, watch } = await openOwner();
  const bucket = new URL(suite.server.bucket).origin;
  let isSending = false;
  await context.route(
    (url) => url.origin === bucket,
    async (route) => {
      // It is never answered.
      if (route.request().method() === "PUT") isSending = true;
      else await route.continue();
    },
  );
  const stopped = page.waitForEvent(
    "requestfailed",
    (request) => request.method() === "PUT" && new URL(request.url()).origin === bucket,
  );
  await replaceOnPage(page, picked(1, "slow.jpg"));
  await waitFor("it to be sent", () => isSending);
  const other = await context.newPage();
  await other.goto(suite.server.web);
  await signOut(other);
  await stopped;
  await waitUntilSignedOut(page);
  assert.equal(await viewer(page).count(), 0);
  watch.assertClean();
  await context.close();
});

test("versions are replaced, seen, restored and deleted with the keyboard alone", { skip }, async () => {
  const owner = await openOwner();
  const { context, page, watch, fileId, api } = owner;
  const keyboard = await createKeyboard(page);
  await page.keyboard.press("v");
  await panel(page).waitFor({ state: "hidden" });
  await page.keyboard.press("v");
  await panel(page).waitFor();

  await keyboard.tabTo("Replace with a new version");
  const chosen = page.waitForEvent("filechooser");
  await page.keyboard.press("Enter");
  await (await chosen).setFiles(picked(1, name));
  await waitForHistory(page, "2 Current, 1 Replaced");
  await keyboard.tabTo("Show version 1");
  await page.keyboard.press("Enter");
  await said(page, "This is version 1, of ");
  await assertAccessible(page, "an old version");

  await keyboard.tabTo("Restore version 1");
  await page.keyboard.press("Enter");
  await waitForHistory(page, "2 Replaced, 1 Current");
  assert.equal((await keyboard.focused()).name, "Versions", "the button has gone, the focus has not");

  // Delete is the version's here, not the whole file's.
  await keyboard.tabTo("Delete version 2");
  await page.keyboard.press("Delete");
  await page.keyboard.press("Enter");
  const question = page.getByRole("dialog", { name: "Delete version 2 for good?" });
  await question.waitFor();
  assert.equal((await keyboard.focused()).name, "Keep it");
  await page.keyboard.press("Delete");
  await page.keyboard.press("Escape");
  await question.waitFor({ state: "hidden" });
  assert.equal((await keyboard.focused()).name, "Delete version 2");
  await page.keyboard.press("Enter");
  await keyboard.tabTo("Delete for good");
  await page.keyboard.press("Enter");
  await waitForHistory(page, "1 Current");
  await waitFor("the focus to be somewhere", async () => (await keyboard.focused()).name === "Versions");
  const file = await getFile(api, fileId);
  assert.deepEqual([file.state, file.version], ["ready", 1]);
  watch.assertClean();
  await keyboard.close();
  await context.close();
});
