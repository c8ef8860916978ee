import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { Page } from "playwright-core";
import { makePdf } from "./harness/documents.ts";
import { layOutMadePictures } from "./harness/photographs.ts";
import { makeFolder, removeFolder } from "./harness/run-cli.ts";
import { waitFor } from "./harness/wait-for.ts";
import { action, fileTile, openVisitor, pickFiles, signUp, uploadPanel, viewer } from "./harness/web-page.ts";
import { describeWebSuite } from "./harness/web-suite.ts";

const suite = describeWebSuite();
const { skip } = suite;
const pictureNames = ["harbour_10.jpg", "harbour_2.jpg", "Über den Wolken.jpg"];
const documentName = "harbour plan.pdf";

let folder: string;
suite.prepare(async () => {
  folder = await makeFolder("web-lists");
});
after(async () => {
  if (!skip) await removeFolder(folder);
});

/** What the tiles are called, in their order on the page. */
const namesOnPage = (page: Page): Promise<string[]> =>
  page
    .getByRole("list", { name: "Files", exact: true })
    .locator("a")
    .evaluateAll((links) =>
      links.map((link) => link.querySelector("img")?.alt || link.querySelector("bdi")?.textContent || ""),
    );

const waitForNames = (page: Page, names: readonly string[], isInOrder = false): Promise<unknown> =>
  waitFor(`the page to show ${names.join(", ")}`, async () => {
    const shown = await namesOnPage(page);
    const wanted = isInOrder ? names : [...names].sort();
    return JSON.stringify(isInOrder ? shown : shown.sort()) === JSON.stringify(wanted);
  });

test("a person finds files by word, kind and order, and each list has an address that can be gone back to", {
  skip,
}, async () => {
  const { context, page, watch } = await openVisitor(suite.browser);
  await signUp(page, suite.server.web);
  const pictures = await layOutMadePictures(folder, pictureNames.length);
  await pickFiles(page, [
    { name: documentName, mimeType: "application/pdf", buffer: makePdf(1) },
    ...pictures.map(({ bytes }, index) => ({
      name: pictureNames[index] ?? "",
      mimeType: "image/jpeg",
      buffer: bytes,
    })),
  ]);
  const everything = [documentName, ...pictureNames];
  for (const name of everything) await fileTile(page, name).waitFor({ timeout: 60_000 });

  // By name: numbers by their value, accents beside their letters.
  await page.getByRole("combobox", { name: "Sort by" }).selectOption("Name");
  await waitForNames(page, [documentName, "harbour_2.jpg", "harbour_10.jpg", "Über den Wolken.jpg"], true);
  assert.equal(new URL(page.url()).search, "?sort=name");
  await page.reload();
  await waitForNames(page, [documentName, "harbour_2.jpg", "harbour_10.jpg", "Über den Wolken.jpg"], true);

  // Of one kind.
  await page.getByRole("radio", { name: "Documents" }).check();
  await waitForNames(page, [documentName]);
  await page.getByRole("radio", { name: "Videos" }).check();
  await page.getByRole("heading", { name: "No videos yet" }).waitFor();
  await page.getByRole("radio", { name: "Photos" }).check();
  await waitForNames(page, pictureNames);
  await page.goBack();
  await page.getByRole("heading", { name: "No videos yet" }).waitFor();
  await action(page, "Show all files").click();
  await waitForNames(page, everything);

  // By the beginning of a word, from the keyboard, as one types.
  await page.keyboard.press("/");
  await page.keyboard.type("HARB");
  await waitForNames(page, [documentName, "harbour_2.jpg", "harbour_10.jpg"]);
  await page.getByRole("status").filter({ hasText: "3 files" }).waitFor();
  await page.keyboard.type("our_1");
  await waitForNames(page, ["harbour_10.jpg"]);

  // A file that is opened from there comes back there.
  await fileTile(page, "harbour_10.jpg").click();
  await viewer(page, "harbour_10.jpg").waitFor();
  await action(viewer(page), "Close").click();
  await waitForNames(page, ["harbour_10.jpg"]);
  const field = page.getByRole("searchbox", { name: "Search by name" });
  assert.equal(await field.inputValue(), "HARBour_1");

  await field.fill("wolken nirgends");
  await page.getByRole("heading", { name: /Nothing has a name with/ }).waitFor();
  await field.press("Escape");
  await waitForNames(page, everything);
  assert.equal(new URL(page.url()).search, "");
  watch.assertClean();
  await context.close();
});

test("on a phone the last files can be drawn up from under the sheet of uploads", { skip }, async () => {
  const { context, page, watch } = await openVisitor(suite.browser, {
    viewport: { width: 390, height: 844 },
  });
  await signUp(page, suite.server.web);
  const pictures = await layOutMadePictures(folder, 8);
  await pickFiles(
    page,
    pictures.map(({ name, bytes }) => ({ name, mimeType: "image/jpeg", buffer: bytes })),
  );
  for (const { name } of pictures) await fileTile(page, name).waitFor({ timeout: 60_000 });
  const topOf = async () => (await uploadPanel(page).boundingBox())?.y ?? 0;
  const lowestTile = () =>
    page
      .getByRole("list", { name: "Files", exact: true })
      .locator("a")
      .evaluateAll((tiles) => Math.max(...tiles.map((tile) => tile.getBoundingClientRect().bottom)));
  assert.ok((await lowestTile()) > (await topOf()), "the sheet lies on tiles");
  await page.evaluate(() => scrollTo({ top: document.body.scrollHeight }));
  await waitFor("the last tile to be above the sheet", async () => (await lowestTile()) < (await topOf()));
  // By the keyboard: what has the focus is not under it either (WCAG 2.2, 2.4.11).
  await page.evaluate(() => scrollTo({ top: 0 }));
  await fileTile(page, pictures[0]?.name ?? "").focus();
  await page.keyboard.press("End");
  await waitFor("the tile with the focus to be in sight", async () => {
    const bottom = await page.evaluate(() => document.activeElement?.getBoundingClientRect().bottom ?? 0);
    return bottom < (await topOf());
  });
  watch.assertClean();
  await context.close();
});
