// What a person does with uploads that are under way, by the words that they read.
import assert from "node:assert/strict";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { findBarriers } from "../harness/accessibility.ts";
import { makeJpeg } from "../harness/images.ts";
import {
  action,
  fileTile,
  openVisitor,
  pickFiles,
  signUp,
  uploadLine,
  uploadPanel,
  waitUntilSignedIn,
} from "../harness/web-page.ts";
import { describeFailingSite } from "./failing-site.ts";
import { assertPartsSentOnce, waitForStoredParts } from "./sent-parts.ts";

const site = describeFailingSite();
const { skip } = site;

/** Requests that stand still when something is paused are given up by the page. */
const brokenOff = /ERR_CONNECTION_RESET|ERR_FAILED|ERR_ABORTED|blocked by CORS policy/;

const is = (page: Page, name: string, words: string | RegExp) =>
  uploadLine(page, name).filter({ hasText: words }).waitFor({ timeout: 60_000 });

test("one upload is paused and gone on with: it sends nothing meanwhile, and nothing twice", {
  skip,
}, async () => {
  const { context, page, watch } = await openVisitor(site.browser);
  watch.expect(brokenOff);
  await signUp(page, site.web);
  const film = await site.layOutFilm("paused.mp4");
  const from = site.puts.length;
  site.holdAfter(2);
  await pickFiles(page, [film.path]);
  await waitForStoredParts(site, page, 2);
  await action(uploadLine(page, film.name), `Pause ${film.name}`).click();
  await is(page, film.name, /Paused at [4-9]\d %/);
  await uploadPanel(page).getByText("1 file paused").waitFor();
  site.befall();
  const before = site.puts.length;
  await page.reload();
  await waitUntilSignedIn(page);
  await is(page, film.name, /Paused at (4[4-9]|[5-9]\d) %/);
  assert.equal(site.puts.length, before, "what is paused stays paused, over a reload too");
  await action(uploadLine(page, film.name), `Go on with ${film.name}`).click();
  await fileTile(page, film.name).waitFor({ timeout: 60_000 });
  await is(page, film.name, "Ready");
  assertPartsSentOnce(site.puts.slice(from));
  await site.assertArrived(page, [film]);
  watch.assertClean();
  await context.close();
});

test("a picture whose upload is taken off the list as soon as it is ready is among the files", {
  skip,
}, async () => {
  const { context, page, watch } = await openVisitor(site.browser);
  await signUp(page, site.web);
  // By which it is looked up which file it has become.
  await page.route(/\/v1\/files\?limit=21$/, () => undefined);
  await pickFiles(page, [{ name: "pier.jpg", mimeType: "image/jpeg", buffer: await makeJpeg() }]);
  await is(page, "pier.jpg", "Ready");
  await action(page, "Clear uploads").click();
  await fileTile(page, "pier.jpg").waitFor();
  watch.assertClean();
  await context.close();
});

test("all uploads are paused and gone on with together", { skip }, async () => {
  const { context, page, watch } = await openVisitor(site.browser);
  watch.expect(brokenOff);
  await signUp(page, site.web);
  const pictures = await Promise.all(
    ["one.jpg", "two.jpg", "three.jpg"].map((name, index) => site.layOutPicture(name, index + 1)),
  );
  site.holdAfter(0);
  await pickFiles(
    page,
    pictures.map(({ path }) => path),
  );
  for (const { name } of pictures) await is(page, name, "Sending");
  await action(uploadPanel(page), "Pause all").click();
  for (const { name } of pictures) await is(page, name, "Paused");
  await uploadPanel(page).getByText("3 files paused").waitFor();
  site.befall();
  await action(uploadPanel(page), "Resume all").click();
  for (const { name } of pictures) await is(page, name, "Ready");
  await site.assertArrived(page, pictures);
  watch.assertClean();
  await context.close();
});

const sizes = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

test("a file that is gone from here and was not kept is asked for, and goes on once it is picked again", {
  skip,
}, async () => {
  const { context, page, watch } = await openVisitor(site.browser);
  watch.expect(brokenOff);
  await signUp(page, site.web);
  const session = await context.newCDPSession(page);
  await session.send("Storage.overrideQuotaForOrigin", {
    origin: new URL(site.web).origin,
    quotaSize: 10_000_000,
  });
  const film = await site.layOutFilm("a film with a rather long name that was deleted.mp4");
  const from = site.puts.length;
  site.holdAfter(2);
  await pickFiles(page, [film.path]);
  await waitForStoredParts(site, page, 2);
  page.once("dialog", (dialog) => void dialog.accept());
  await page.reload();
  await rm(film.path);
  await waitUntilSignedIn(page);
  await is(page, film.name, "No longer on this device");
  await uploadPanel(page).getByText("1 file to be added again").waitFor();
  for (const [what, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport);
    assert.deepEqual(await findBarriers(page), [], what);
    if (process.env.STOWAGE_LOOK)
      await page.screenshot({ path: `${process.env.STOWAGE_LOOK}/needs-file-${what}.png` });
  }
  const pickAgain = async (path: string) => {
    const chosen = page.waitForEvent("filechooser");
    await action(uploadLine(page, film.name), `Add it again: ${film.name}`).click();
    await (await chosen).setFiles(path);
  };
  const another = await site.layOutPicture("another.jpg");
  await pickAgain(another.path);
  await uploadLine(page, film.name).getByText("That is another file: its size is not the same.").waitFor();
  if (process.env.STOWAGE_LOOK)
    await page.screenshot({ path: `${process.env.STOWAGE_LOOK}/needs-file-another.png` });
  await page.setViewportSize(sizes.desktop);
  site.befall();
  const copy = join(site.folder, "from the camera.mp4");
  await writeFile(copy, film.bytes);
  await pickAgain(copy);
  await is(page, film.name, "Ready");
  assertPartsSentOnce(site.puts.slice(from));
  await site.assertArrived(page, [film]);
  watch.assertClean();
  await context.close();
});
