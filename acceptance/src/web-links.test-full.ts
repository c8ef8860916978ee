import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { assertAccessible } from "./harness/accessibility.ts";
import { addPerson } from "./harness/add-person.ts";
import { makePdf } from "./harness/documents.ts";
import { makeJpeg } from "./harness/images.ts";
import { uploadToEnd } from "./harness/upload.ts";
import { waitFor } from "./harness/wait-for.ts";
import { openVisitor } from "./harness/web-page.ts";
import { describeWebSuite } from "./harness/web-suite.ts";

const suite = describeWebSuite();
const { skip } = suite;

async function newLink(wish: object = {}, bytes?: Buffer, name = "Beach.jpg", contentType = "image/jpeg") {
  const { api } = await addPerson(suite.server, "owner");
  const body = bytes ?? (await makeJpeg({ width: 1200, height: 800 }));
  const { fileId } = await uploadToEnd(api, body, { name, contentType });
  const path = `/v1/files/${fileId}/links`;
  const { body: link } = await api.post<{ id: string; url: string }>(path, wish);
  return { ...link, revoke: () => api.delete(`${path}/${link.id}`) };
}

const look = (page: { screenshot(o: { path: string }): Promise<unknown> }, name: string) =>
  process.env.STOWAGE_LOOK ? page.screenshot({ path: `${process.env.STOWAGE_LOOK}/${name}.png` }) : undefined;

test("whoever has a link sees the picture without an account, and saves it", { skip }, async () => {
  const { url } = await newLink();
  const { context, page, watch } = await openVisitor(suite.browser);
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.url()));
  await page.goto(url);
  await page.locator('main [data-state="shown"] img:not([alt=""])').waitFor({ timeout: 30_000 });
  assert.equal(await page.getByRole("heading", { level: 1 }).innerText(), "Beach.jpg");
  assert.match(await page.title(), /^Beach\.jpg/);
  await look(page, "link");
  const saved = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download" }).click();
  const download = await saved;
  assert.equal(download.suggestedFilename(), "Beach.jpg");
  assert.ok((await readFile(await download.path())).byteLength > 1000);
  const secret = new URL(url).hash.slice(1);
  assert.ok(secret.length >= 22);
  assert.ok(
    asked.every((address) => !address.includes(secret)),
    "the secret is in no address that is asked for",
  );
  assert.ok(!asked.some((address) => address.includes("/session/")), "nobody is asked who they are");
  watch.assertClean();
  await context.close();
});

test("a passphrase is asked for, a wrong one is told, the right one opens", { skip }, async () => {
  const { url } = await newLink({ passphrase: "correct horse" });
  const { context, page, watch } = await openVisitor(suite.browser);
  const stop = watch.expect(/status of 403/);
  await page.goto(url);
  const field = page.getByLabel("Passphrase");
  await field.waitFor();
  await look(page, "link-passphrase");
  await field.fill("wrong horse");
  await field.press("Enter");
  await page.getByRole("alert").waitFor();
  assert.match(await page.getByRole("alert").innerText(), /That is not it/);
  await look(page, "link-passphrase-wrong");
  await field.fill("correct horse");
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByRole("button", { name: "Download" }).waitFor();
  stop();
  watch.assertClean();
  await context.close();
});

/** An album of pictures, and a link to it. */
async function newAlbumLink(names: readonly string[]) {
  const { api } = await addPerson(suite.server, "owner");
  const { body: album } = await api.post<{ id: string }>("/v1/albums", { name: "A day at the sea" });
  for (const [index, name] of names.entries()) {
    const upright = index % 3 === 1;
    const bytes = await makeJpeg({ width: upright ? 800 : 1200, height: upright ? 1200 : 800 });
    await uploadToEnd(api, bytes, { name, contentType: "image/jpeg", albumId: album.id });
  }
  const path = `/v1/albums/${album.id}/links`;
  const { body: link } = await api.post<{ id: string; url: string }>(path, {});
  return { url: link.url, revoke: () => api.delete(`${path}/${link.id}`) };
}

for (const [device, viewport] of [
  ["desktop", { width: 1280, height: 800 }],
  ["telephone", { width: 390, height: 780 }],
] as const)
  test(`whoever has a link to an album looks through its pictures on a ${device}`, { skip }, async () => {
    const names = ["one.jpg", "two.jpg", "three.jpg", "four.jpg", "five.jpg"];
    const { url, revoke } = await newAlbumLink(names);
    const { context, page, watch } = await openVisitor(suite.browser, { viewport });
    await page.goto(url);
    await page.getByRole("heading", { level: 1, name: "A day at the sea" }).waitFor();
    await page.getByText("5 pictures").waitFor();
    const tiles = page.getByRole("list", { name: "Pictures" }).getByRole("button");
    await page.getByRole("button", { name: "Open five.jpg" }).waitFor();
    assert.equal(await tiles.count(), names.length);
    await page.locator('[aria-label="Open five.jpg"] [data-state="shown"] img').waitFor({ timeout: 30_000 });
    for (const colorScheme of ["dark", "light"] as const) {
      await page.emulateMedia({ colorScheme });
      await assertAccessible(page, `an album's link on ${device}`);
      await look(page, `link-album-${device}-${colorScheme}`);
    }
    await page.getByRole("button", { name: "Open five.jpg" }).click();
    const dialog = page.getByRole("dialog", { name: "five.jpg" });
    await dialog.locator('[data-state="shown"] img:not([alt=""])').waitFor({ timeout: 30_000 });
    await look(page, `link-album-open-${device}`);
    await page.keyboard.press("ArrowRight");
    await page.getByRole("dialog", { name: "four.jpg" }).waitFor();
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Download" }).click();
    assert.equal((await saved).suggestedFilename(), "four.jpg");
    await page.keyboard.press("Escape");
    await page.getByRole("heading", { level: 1, name: "A day at the sea" }).waitFor();
    await waitFor("the focus to come back to the picture", () =>
      page.evaluate(() => document.activeElement?.getAttribute("aria-label") === "Open four.jpg"),
    );
    const widest = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(widest <= viewport.width, `${widest} > ${viewport.width}`);
    await revoke();
    const stop = watch.expect(/status of 40[014]/);
    await page.getByRole("heading", { name: "The album is closed" }).waitFor({ timeout: 40_000 });
    await look(page, `link-album-closed-${device}`);
    stop();
    watch.assertClean();
    await context.close();
  });

test("a link that was taken back opens nothing, and one without its token neither", { skip }, async () => {
  const { url, revoke } = await newLink();
  const { context, page, watch } = await openVisitor(suite.browser);
  await page.goto(url);
  await page.getByRole("button", { name: "Download" }).waitFor();
  await revoke();
  const stop = watch.expect(/status of 40[014]/);
  await page.reload();
  await page.getByRole("heading", { name: "This link opens nothing" }).waitFor();
  await look(page, "link-gone");
  await page.goto(`${suite.server.web}/l`);
  await page.getByRole("heading", { name: "This link opens nothing" }).waitFor();
  stop();
  watch.assertClean();
  await context.close();
});

test("a document shows its first page, on a telephone too", { skip }, async () => {
  const { url } = await newLink({}, makePdf(3), "report.pdf", "application/pdf");
  const { context, page, watch } = await openVisitor(suite.browser, {
    viewport: { width: 390, height: 780 },
  });
  await page.goto(url);
  await page.getByRole("img", { name: "report.pdf, page 1" }).waitFor({ timeout: 30_000 });
  await page.locator('main [data-state="shown"] img:not([alt=""])').waitFor();
  await look(page, "link-document");
  const { width, viewport } = await page.evaluate(() => ({
    width: document.documentElement.scrollWidth,
    viewport: window.innerWidth,
  }));
  assert.ok(width <= viewport, `${width} > ${viewport}`);
  watch.assertClean();
  await context.close();
});
