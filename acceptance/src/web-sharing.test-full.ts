// Two people and a file: offered by address, accepted, taken back; shown to everybody; given by a link.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { findBarriers } from "./harness/accessibility.ts";
import { addPerson } from "./harness/add-person.ts";
import { makeJpeg } from "./harness/images.ts";
import { uploadToEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";
import { action, apiOf, fileTile, newAccount, openVisitor, signUp, viewer } from "./harness/web-page.ts";
import { describeWebSuite } from "./harness/web-suite.ts";
import type { StoredFile } from "./harness/wire.ts";

const suite = describeWebSuite();
const { skip } = suite;

async function assertAccessible(page: Page, what: string) {
  for (const [device, width, height] of [
    ["phone", 390, 844],
    ["desktop", 1280, 900],
  ] as const)
    for (const colorScheme of ["dark", "light"] as const) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      assert.deepEqual(await findBarriers(page), [], `${what}, ${device}, ${colorScheme}`);
      if (process.env.STOWAGE_LOOK)
        await page.screenshot({ path: `${process.env.STOWAGE_LOOK}/${what}-${device}-${colorScheme}.png` });
    }
}

async function ownerWithFile() {
  const visitor = await openVisitor(suite.browser);
  await signUp(visitor.page, suite.server.web, newAccount("Ann Anchor"));
  const api = await apiOf(visitor.page, suite.server.api);
  const bytes = await makeJpeg({ width: 1200, height: 800 });
  const { fileId } = await uploadToEnd(api, bytes, { name: "Beach.jpg", contentType: "image/jpeg" });
  await visitor.page.reload();
  await fileTile(visitor.page, "Beach.jpg").click();
  await action(viewer(visitor.page, "Beach.jpg"), "Share").click();
  const dialog = visitor.page.getByRole("dialog", { name: "Share Beach.jpg" });
  await dialog.waitFor();
  return { ...visitor, api, fileId, dialog };
}

const sharedFiles = (page: Page) => page.getByRole("list", { name: "Shared files" }).getByRole("button");

test("a file is offered to an address, accepted by whoever has it, and taken back", { skip }, async () => {
  const ann = await ownerWithFile();
  const { dialog } = ann;
  // Only a verified address is anybody's: an account that its operator made has one.
  const account = await addPerson(suite.server, "ben");
  await dialog.getByLabel("E-mail address").fill(account.email);
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await dialog.getByText(`Whoever signs in with ${account.email} finds it`).waitFor();
  await dialog.getByText("Offered; not accepted yet").waitFor();
  await assertAccessible(ann.page, "share");
  await dialog.getByLabel("E-mail address").fill("nobody@example.test");
  await dialog.getByRole("button", { name: "Share", exact: true }).click();
  await dialog.getByText("Whoever signs in with nobody@example.test finds it").waitFor();
  await dialog.getByRole("button", { name: "Withdraw the offer to nobody@example.test" }).click();
  await dialog.getByText("It is offered to nobody@example.test no more.").waitFor();

  const offers = await account.api.get<{ items: { id: string }[] }>("/v1/invites");
  assert.equal(offers.body.items.length, 1);
  const accepted = await account.api.post(`/v1/invites/${offers.body.items[0]?.id}/accept`);
  assert.equal(accepted.status, 200);
  await ann.page.keyboard.press("Escape");
  await action(viewer(ann.page, "Beach.jpg"), "Share").click();
  const stop = dialog.getByRole("button", { name: `Stop sharing with ${account.email}` });
  await stop.click();
  await dialog.getByText(`${account.email} sees it no more.`).waitFor();
  const seen = await account.api.get(`/v1/files/${ann.fileId}`);
  assert.equal(seen.status, 404);
  ann.watch.assertClean();
  await ann.context.close();
});

test("what is offered to one, and what others show to everybody, is under Shared", { skip }, async () => {
  const { page, watch, context } = await openVisitor(suite.browser);
  await signUp(page, suite.server.web, newAccount("Cleo Cove"));
  const { api } = await addPerson(suite.server, "dan");
  const bytes = await makeJpeg({ width: 900, height: 600 });
  const intent = { name: "Poster.jpg", contentType: "image/jpeg", visibility: "public" } as const;
  await uploadToEnd(api, bytes, intent);
  const offer = {
    id: "offer",
    file: { id: "file", name: "Report.pdf" },
    from: { id: "dan", name: "Dan Dock" },
    createdAt: new Date().toISOString(),
    expiresAt: new Date().toISOString(),
  };
  let offers = [offer];
  await context.route(`${suite.server.api}/v1/invites?**`, (route) =>
    route.fulfill({ json: { items: offers, nextCursor: null } }),
  );
  await context.route(`${suite.server.api}/v1/invites/offer`, (route) => {
    offers = [];
    return route.fulfill({ status: 204 });
  });
  await page.getByRole("link", { name: "Shared", exact: true }).click();
  await page.getByRole("heading", { name: "Nothing is shared here" }).waitFor();
  await page.getByText("From Dan Dock").waitFor();
  await assertAccessible(page, "shared");
  await action(page, "Decline Report.pdf").click();
  await page.getByText("Report.pdf was declined.").waitFor();
  await page.getByText("From Dan Dock").waitFor({ state: "hidden" });
  await page.getByLabel("Everybody").check();
  await waitFor("the poster", async () => (await sharedFiles(page).count()) === 1);
  await sharedFiles(page).first().click();
  await viewer(page, "Poster.jpg")
    .locator('[data-state="shown"] img[alt="Poster.jpg"]')
    .waitFor({ timeout: 60_000 });
  watch.assertClean();
  await context.close();
});

test("a link is made with a passphrase and taken back, and visibility and what others get are said in words", {
  skip,
}, async () => {
  const { page, watch, context, api, fileId, dialog } = await ownerWithFile();
  await dialog.getByRole("button", { name: "Make a link…" }).click();
  await dialog.getByLabel("How long it opens").selectOption({ label: "For a week" });
  await dialog.getByLabel("Passphrase, if it is to have one").fill("correct horse");
  await assertAccessible(page, "share-link");
  await dialog.getByRole("button", { name: "Make link" }).click();
  const url = await dialog.getByLabel("The link", { exact: true }).inputValue();
  const guest = await openVisitor(suite.browser);
  const stop = guest.watch.expect(/status of 40[134]/);
  await guest.page.goto(url);
  await guest.page.getByLabel("Passphrase").fill("correct horse");
  await guest.page.getByRole("button", { name: "Open" }).click();
  await guest.page.locator('main [data-state="shown"] img').waitFor({ timeout: 30_000 });
  await dialog.getByRole("button", { name: "Take back" }).click();
  await dialog.getByText("A link with a passphrase").waitFor({ state: "hidden" });
  await guest.page.reload();
  await guest.page.getByRole("heading", { name: "This link opens nothing" }).waitFor();
  stop();
  guest.watch.assertClean();
  await guest.context.close();

  const file = async () =>
    (await api.get<StoredFile & { shareOriginal?: boolean }>(`/v1/files/${fileId}`)).body;
  await dialog.getByLabel(/^Everybody/).check();
  await waitFor("it to be public", async () => (await file()).visibility === "public");
  await dialog.getByLabel(/^The original, as you sent it/).check();
  await waitFor("the original to be shared", async () => (await file()).shareOriginal === true);
  watch.expect(/status of 400/);
  await dialog.getByLabel(/^Your organisation/).click();
  await dialog.getByRole("alert").filter({ hasText: "You are of no organisation" }).waitFor();
  assert.equal((await file()).visibility, "public");
  await assertAccessible(page, "share-audience");
  await page.keyboard.press("Escape");
  await viewer(page, "Beach.jpg").waitFor();
  watch.assertClean();
  await context.close();
});
