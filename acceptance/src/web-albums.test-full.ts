// Albums on the page: made, filled, shown to others, sealed and revealed, deleted.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { findBarriers } from "./harness/accessibility.ts";
import { makeJpeg } from "./harness/images.ts";
import { waitFor } from "./harness/wait-for.ts";
import { action, apiOf, newAccount, openVisitor, pickFiles, signUp, viewer } from "./harness/web-page.ts";
import { describeWebSuite } from "./harness/web-suite.ts";
import type { Album, Page as ListPage } from "./harness/wire.ts";

const suite = describeWebSuite();
const { skip } = suite;

/** Of one screen: both sizes, both themes. */
async function assertAccessible(page: Page, what: string) {
  for (const [device, width, height] of [
    ["phone", 390, 844],
    ["desktop", 1280, 900],
  ] as const)
    for (const colorScheme of ["dark", "light"] as const) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await findBarriers(page), [], `${what}, ${device}, ${colorScheme}`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `${what}, ${device}: ${wide} pixels too wide`);
      if (process.env.STOWAGE_LOOK)
        await page.screenshot({ path: `${process.env.STOWAGE_LOOK}/${what}-${device}-${colorScheme}.png` });
    }
}

const photo = async (name: string) => ({
  name,
  mimeType: "image/jpeg",
  buffer: await makeJpeg({ width: 1200, height: 900 }),
});

async function makeAlbum(page: Page, name: string, isSealed = false) {
  await page.getByRole("link", { name: "Albums", exact: true }).click();
  await action(page, "New album").click();
  const dialog = page.getByRole("dialog", { name: "New album" });
  await dialog.getByLabel("Name").fill(name);
  if (isSealed) await dialog.getByLabel("Sealed until a reveal").check();
  if (isSealed) await assertAccessible(page, "new-album");
  await dialog.getByRole("button", { name: "Make album" }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
}

const pictures = (page: Page) => page.getByRole("list", { name: "Pictures" }).getByRole("button");

test("an album is made, filled and shown to who is invited; a picture is taken out, and the album deleted", {
  skip,
}, async () => {
  const ann = await openVisitor(suite.browser);
  const { page } = ann;
  await signUp(page, suite.server.web, newAccount("Ann Anchor"));
  await page.getByRole("link", { name: "Albums", exact: true }).click();
  await page.getByRole("heading", { name: "No albums yet" }).waitFor();
  await assertAccessible(page, "albums-none");
  await makeAlbum(page, "Harbour walk");
  await page.getByRole("heading", { name: "Nothing is in it yet" }).waitFor();
  await pickFiles(page, [await photo("boats.jpg"), await photo("gulls.jpg")]);
  await waitFor("both pictures", async () => (await pictures(page).count()) === 2);
  await action(page, "Clear uploads").click();
  await page.locator('.pictures [data-state="shown"] img').nth(1).waitFor({ timeout: 60_000 });
  await assertAccessible(page, "album");

  await action(page, "Invite").click();
  const invite = page.getByRole("dialog", { name: "Invite to the album" });
  await assertAccessible(page, "invite-form");
  await invite.getByRole("button", { name: "Make invitation" }).click();
  await invite.getByRole("img", { name: "The invitation as a QR code" }).waitFor();
  const isDrawn = await invite
    .getByRole("img")
    .evaluate((image) => (image as HTMLImageElement).naturalWidth > 0);
  assert.ok(isDrawn, "the QR code is a picture");
  await assertAccessible(page, "invite-made");
  const url = await invite.getByLabel("The invitation", { exact: true }).inputValue();
  await page.keyboard.press("Escape");

  const ben = await openVisitor(suite.browser);
  await signUp(ben.page, suite.server.web, newAccount("Ben Berth"));
  await ben.page.goto(url);
  await ben.page.getByRole("button", { name: "Join", exact: true }).click();
  await waitFor("both pictures for who joined", async () => (await pictures(ben.page).count()) === 2);
  assert.equal(await action(ben.page, "Album settings").count(), 0);
  await pictures(ben.page).first().click();
  await ben.page.getByRole("dialog").waitFor();
  assert.equal(await action(ben.page, "Take out of the album").count(), 0, "it is not theirs");
  await ben.page.keyboard.press("Escape");
  await pickFiles(ben.page, [await photo("ropes.jpg")]);
  await waitFor("their own", async () => (await pictures(ben.page).count()) === 3);

  await action(page, "People").click();
  const people = page.getByRole("dialog", { name: "People in this album" });
  const shownWidth = (element: Element) =>
    (element.closest("li > *") ?? element).clientWidth - element.getBoundingClientRect().width;
  assert.ok((await people.getByText("Ben Berth").evaluate(shownWidth)) >= 0, "the name is not cut off");
  await assertAccessible(page, "people");
  await people.getByLabel("What Ben Berth may do").selectOption({ label: "May look" });
  const api = await apiOf(page, suite.server.api);
  const { body: albums } = await api.get<ListPage<Album>>("/v1/albums");
  const id = albums.items[0]?.id;
  const roleOfBen = async () => {
    const { body } = await api.get<ListPage<{ name?: string; role: string }>>(`/v1/albums/${id}/members`);
    return body.items.find(({ name }) => name === "Ben Berth")?.role;
  };
  await waitFor("the role", async () => (await roleOfBen()) === "viewer");
  await people.getByRole("button", { name: "Put Ben Berth out" }).click();
  await waitFor("one person less", async () => (await roleOfBen()) === undefined);
  await page.keyboard.press("Escape");
  const stop = ben.watch.expect(/status of 404/);
  await ben.page.reload();
  await ben.page.getByRole("heading", { name: "This album is not here" }).waitFor();
  stop();
  ben.watch.assertClean();
  await ben.context.close();

  await page.reload();
  await waitFor("all three", async () => (await pictures(page).count()) === 3);
  await action(page, "Open gulls.jpg").click();
  await viewer(page, "gulls.jpg").waitFor();
  await assertAccessible(page, "album-open");
  await action(page, "Take out of the album").click();
  await page.getByText("gulls.jpg is out of the album").first().waitFor();
  await page.keyboard.press("Escape");
  await waitFor("one picture less", async () => (await pictures(page).count()) === 2);

  await action(page, "Album settings").click();
  const settings = page.getByRole("dialog", { name: "Album settings" });
  await settings.getByLabel("Name").fill("Harbour walk, in the rain");
  await settings.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { level: 1, name: "Harbour walk, in the rain" }).waitFor();
  await page.getByRole("link", { name: "Albums", exact: true }).click();
  await page.getByRole("link", { name: /Harbour walk/ }).waitFor();
  await assertAccessible(page, "albums");
  await page.getByRole("link", { name: /Harbour walk/ }).click();
  await action(page, "Album settings").click();
  await settings.getByRole("button", { name: "Delete album" }).click();
  await page.getByRole("button", { name: "Delete album" }).last().click();
  await page.getByRole("heading", { name: "No albums yet" }).waitFor();
  ann.watch.assertClean();
  await ann.context.close();
});

test("a sealed album tells its count and its reveal alone, until its owner reveals it", {
  skip,
}, async () => {
  const { context, page, watch } = await openVisitor(suite.browser);
  await signUp(page, suite.server.web, newAccount("Sal Seal"));
  await makeAlbum(page, "Sixtieth birthday", true);
  await page.getByText("Sealed until").waitFor();
  await pickFiles(page, [await photo("cake.jpg")]);
  await page.getByText("1 photo", { exact: true }).waitFor({ timeout: 60_000 });
  await action(page, "Clear uploads").click();
  assert.equal(await page.getByRole("main").getByRole("img").count(), 0);
  await assertAccessible(page, "sealed");
  await action(page, "Album settings").click();
  const settings = page.getByRole("dialog", { name: "Album settings" });
  await assertAccessible(page, "settings");
  await settings.getByRole("button", { name: "Delete album" }).click();
  watch.expect(/status of 409/);
  await page.getByRole("button", { name: "Delete album" }).last().click();
  await settings.getByRole("alert").filter({ hasText: /\w/ }).waitFor();
  await settings.getByRole("button", { name: "Reveal now" }).click();
  await page.getByRole("button", { name: "Reveal now" }).last().click();
  await waitFor("the picture", async () => (await pictures(page).count()) === 1);
  watch.assertClean();
  await context.close();
});
