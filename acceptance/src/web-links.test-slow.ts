import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { addPerson } from "./harness/add-person.ts";
import { makePdf } from "./harness/documents.ts";
import { makeJpeg } from "./harness/images.ts";
import { uploadToEnd } from "./harness/upload.ts";
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
  await page.locator('main [data-state="shown"] img').waitFor({ timeout: 30_000 });
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
  await page.locator('main [data-state="shown"] img').waitFor();
  await look(page, "link-document");
  const { width, viewport } = await page.evaluate(() => ({
    width: document.documentElement.scrollWidth,
    viewport: window.innerWidth,
  }));
  assert.ok(width <= viewport, `${width} > ${viewport}`);
  watch.assertClean();
  await context.close();
});
