import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { BrowserContext, Page } from "playwright-core";
import { listAll } from "../harness/files.ts";
import { startProfile } from "../harness/start-profile.ts";
import { waitFor } from "../harness/wait-for.ts";
import { failedRequests } from "../harness/watched-page.ts";
import {
  apiOf,
  dropFiles,
  fileTile,
  openVisitor,
  pickFiles,
  signUp,
  uploadLine,
  waitUntilSignedIn,
} from "../harness/web-page.ts";
import type { Upload } from "../harness/wire.ts";
import { allowBackgroundSync, hideBackgroundSync } from "./background-sync.ts";
import { describeFailingSite, type Picked } from "./failing-site.ts";

const site = describeFailingSite();
const { skip } = site;

async function waitOffline(page: Page, pictures: readonly Picked[]): Promise<void> {
  for (const { name } of pictures)
    await uploadLine(page, name)
      .filter({ hasText: "Waiting for the server, kept on this device" })
      .waitFor({ timeout: 60_000 });
  await page
    .getByText(/You are offline\.|The server can’t be reached\./)
    .first()
    .waitFor();
}

async function openAgain(context: BrowserContext, pictures: readonly Picked[]): Promise<Page> {
  const page = await context.newPage();
  await page.goto(site.web);
  await waitUntilSignedIn(page);
  for (const { name } of pictures) await fileTile(page, name).waitFor({ timeout: 60_000 });
  return page;
}

test("what is added offline arrives once the network is back, with the page closed, and that is said", {
  skip,
}, async (t) => {
  const { context, kill } = await startProfile(join(site.folder, "profile"));
  t.after(kill);
  await allowBackgroundSync(context, site.web);
  const page = await context.newPage();
  await signUp(page, site.web);
  const api = await apiOf(page, site.faulty.direct.api);
  const before = await site.layOutPicture("before.jpg", 3);
  const pictures = [await site.layOutPicture("one.jpg", 1), await site.layOutPicture("two.jpg", 2)];
  await dropFiles(page, [before.path]);
  await fileTile(page, before.name).waitFor();
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await context.setOffline(true);
  const from = site.puts.length;
  await dropFiles(
    page,
    pictures.map(({ path }) => path),
  );
  await waitOffline(page, pictures);
  await page.close();
  await context.setOffline(false);
  await waitFor("all to arrive with the page closed", async () => {
    const uploads = await listAll<Upload>(api, "/v1/uploads?state=ready");
    return uploads.length === 3;
  });
  assert.equal(site.puts.slice(from).length, pictures.length);
  const said = await waitFor("a notification", async () => {
    const [worker] = context.serviceWorkers();
    const titles = await worker?.evaluate(async () => {
      const { registration } = globalThis as unknown as { registration: ServiceWorkerRegistration };
      return (await registration.getNotifications()).map(({ title }) => title);
    });
    return titles?.length ? titles : undefined;
  });
  assert.deepEqual(said, ["2 files uploaded."]);
  await site.assertArrived(await openAgain(context, pictures), [before, ...pictures]);
});

test("without Background Sync what is added offline arrives when the page is opened again", {
  skip,
}, async () => {
  const { context, page, watch } = await openVisitor(site.browser);
  watch.expect(failedRequests);
  await hideBackgroundSync(context);
  await signUp(page, site.web);
  const pictures = [await site.layOutPicture("three.jpg", 4), await site.layOutPicture("four.jpg", 5)];
  await context.setOffline(true);
  await pickFiles(
    page,
    pictures.map(({ path }) => path),
  );
  await waitOffline(page, pictures);
  await page.close();
  await context.setOffline(false);
  await site.assertArrived(await openAgain(context, pictures), pictures);
  watch.assertClean();
  await context.close();
});
