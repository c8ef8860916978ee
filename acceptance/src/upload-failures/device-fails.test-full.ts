import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { failedRequests } from "../harness/watched-page.ts";
import {
  action,
  fileTile,
  openVisitor,
  pickFiles,
  signUp,
  uploadLine,
  waitUntilSignedIn,
} from "../harness/web-page.ts";
import { describeFailingSite, type Picked } from "./failing-site.ts";
import { holdReads, letRead } from "./hold-reads.ts";
import { assertPartsSentOnce, waitForStoredParts } from "./sent-parts.ts";

const site = describeFailingSite();
const { skip } = site;

const noRoom = "This device has no room to keep it: leave this page open until it is sent.";

async function limitStorage(context: BrowserContext, page: Page, quotaSize: number): Promise<void> {
  const session = await context.newCDPSession(page);
  await session.send("Storage.overrideQuotaForOrigin", { origin: new URL(site.web).origin, quotaSize });
}

test("where the device has no room for a file that is said, and it is sent all the same", {
  skip,
}, async () => {
  const { context, page, watch } = await openVisitor(site.browser);
  await signUp(page, site.web);
  await limitStorage(context, page, 10_000_000);
  const film = await site.layOutFilm("roomy.mp4");
  const from = site.puts.length;
  site.holdAfter(2);
  await pickFiles(page, [film.path]);
  await waitForStoredParts(site, page, 2);
  await uploadLine(page, film.name).filter({ hasText: noRoom }).waitFor();
  site.befall();
  // Those that stand still are broken.
  watch.expect(/ERR_CONNECTION_RESET|ERR_FAILED|blocked by CORS policy/);
  site.faulty.bucket.offline();
  site.faulty.bucket.online();
  await fileTile(page, film.name).waitFor({ timeout: 60_000 });
  await uploadLine(page, film.name).filter({ hasText: "Ready" }).waitFor();
  assertPartsSentOnce(site.puts.slice(from));
  await site.assertArrived(page, [film]);
  watch.assertClean();
  await context.close();
});

test("a file that was not kept is asked for after a reload, and goes on as the same upload", {
  skip,
}, async () => {
  const { context, page, watch } = await openVisitor(site.browser);
  await signUp(page, site.web);
  await limitStorage(context, page, 10_000_000);
  const film = await site.layOutFilm("again.mp4");
  const from = site.puts.length;
  site.holdAfter(2);
  await pickFiles(page, [film.path]);
  const stored = await waitForStoredParts(site, page, 2);
  await uploadLine(page, film.name).filter({ hasText: noRoom }).waitFor();
  const asked = page.waitForEvent("dialog");
  const reloaded = page.reload();
  const dialog = await asked;
  assert.equal(dialog.type(), "beforeunload", "the person is asked before the page is left");
  await dialog.accept();
  await reloaded;
  await waitUntilSignedIn(page);
  const line = uploadLine(page, film.name);
  await line.filter({ hasText: "No longer on this device" }).waitFor();
  await action(line, `Add it again: ${film.name}`).waitFor();
  site.befall();
  const before = site.puts.length;
  await pickFiles(page, [film.path]);
  await fileTile(page, film.name).waitFor({ timeout: 60_000 });
  await line.filter({ hasText: "Ready" }).waitFor();
  assert.equal(await line.count(), 1, "it is the same upload");
  const again = site.puts.slice(before).map(({ partNumber }) => partNumber);
  assert.deepEqual(
    again.filter((part) => stored.includes(part)),
    [],
    "what had arrived is not sent again",
  );
  assertPartsSentOnce(site.puts.slice(from));
  await site.assertArrived(page, [film]);
  watch.assertClean();
  await context.close();
});

test("what is being sent arrives where the site's data are cleared meanwhile", { skip }, async () => {
  const { context, page, watch } = await openVisitor(site.browser);
  await signUp(page, site.web);
  const files = [await site.layOutFilm("cleared.mp4")];
  for (const seed of [1, 2, 3]) files.push(await site.layOutPicture(`cleared-${seed}.jpg`, seed));
  site.holdAfter(0);
  await pickFiles(
    page,
    files.map(({ path }) => path),
  );
  for (const { name } of files)
    await uploadLine(page, name)
      .filter({ hasNotText: /Keeping it|not kept/ })
      .waitFor();
  const session = await context.newCDPSession(page);
  // Where a PUT's bytes were read before they went, it is broken by the store, and whether they arrived is asked of `complete`.
  watch.expect(
    /ERR_FILE_NOT_FOUND|ERR_CONNECTION_RESET|ERR_FAILED|blocked by CORS policy|status of 409 .*\/v1\/uploads\/complete/,
  );
  // All but the cookies: the person is still signed in.
  const storageTypes = "indexeddb,file_systems,cache_storage,service_workers,local_storage";
  await session.send("Storage.clearDataForOrigin", { origin: new URL(site.web).origin, storageTypes });
  site.befall();
  site.faulty.bucket.offline();
  site.faulty.bucket.online();
  for (const { name } of files) await fileTile(page, name).waitFor({ timeout: 60_000 });
  await site.assertArrived(page, files);
  watch.assertClean();
  await context.close();
});

const losses: readonly (readonly [string, (file: Picked) => Promise<void>, string])[] = [
  [
    "changes",
    ({ path }) => writeFile(path, "another, and of another length"),
    "has changed since it was added. Add it again.",
  ],
  ["is deleted", ({ path }) => rm(path), "can't be read: it may have been moved or deleted. Add it again."],
];

for (const [what, lose, words] of losses) {
  test(`a file that ${what} before it could be read fails, and says so`, { skip }, async () => {
    const { context, page, watch } = await openVisitor(site.browser);
    await holdReads(context);
    await signUp(page, site.web);
    const picture = await site.layOutPicture("lost.jpg");
    const from = site.puts.length;
    await pickFiles(page, [picture.path]);
    const line = uploadLine(page, picture.name);
    await line.filter({ hasText: "Keeping it on this device" }).waitFor();
    await lose(picture);
    await letRead(page);
    await line.filter({ hasText: `Failed: ${picture.name} ${words}` }).waitFor();
    assert.equal(site.puts.slice(from).length, 0, "nothing of it is sent");
    await site.assertArrived(page, []);
    await writeFile(picture.path, picture.bytes);
    await action(line, `Dismiss ${picture.name}`).click();
    await pickFiles(page, [picture.path]);
    await fileTile(page, picture.name).waitFor();
    await site.assertArrived(page, [picture]);
    watch.assertClean();
    await context.close();
  });

  test(`a file that ${what} after it was kept arrives as it was`, { skip }, async () => {
    const { context, page, watch } = await openVisitor(site.browser);
    watch.expect(failedRequests);
    watch.expect(/^page error: $/);
    await signUp(page, site.web);
    const picture = await site.layOutPicture("kept.jpg");
    await context.setOffline(true);
    await pickFiles(page, [picture.path]);
    const line = uploadLine(page, picture.name);
    await line.filter({ hasText: "Waiting" }).waitFor();
    await lose(picture);
    await context.setOffline(false);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await fileTile(page, picture.name).waitFor();
    await line.filter({ hasText: "Ready" }).waitFor();
    await site.assertArrived(page, [picture]);
    watch.assertClean();
    await context.close();
  });
}
