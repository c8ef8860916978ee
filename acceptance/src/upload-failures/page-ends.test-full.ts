import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { startProfile } from "../harness/start-profile.ts";
import {
  dropFiles,
  fileTile,
  openVisitor,
  pickFiles,
  signUp,
  uploadLine,
  waitUntilSignedIn,
} from "../harness/web-page.ts";
import { hideBackgroundSync } from "./background-sync.ts";
import { describeFailingSite } from "./failing-site.ts";
import { assertPartsSentOnce, waitForStoredParts } from "./sent-parts.ts";

const site = describeFailingSite();
const { skip } = site;

/** So that what the page says on the way can be read. */
const slowly = { kind: "slow", bytesPerSecond: 8 * 1024 * 1024 } as const;
const sendSlowly = () =>
  site.befall(({ speaks, method }) => (speaks === "s3" && method === "PUT" ? slowly : undefined));

const isSending = (page: Page, name: string): Promise<void> =>
  uploadLine(page, name)
    .filter({ hasText: /Sending \d+ %/ })
    .waitFor();

for (const hasSync of [true, false]) {
  const where = hasSync ? "" : ", without Background Sync";
  test(`a page that is loaded again in the middle of a part goes on with the parts that are missing${where}`, {
    skip,
  }, async () => {
    const { context, page, watch } = await openVisitor(site.browser);
    if (!hasSync) await hideBackgroundSync(context);
    await signUp(page, site.web);
    const film = await site.layOutFilm(`reload${where}.mp4`);
    const from = site.puts.length;
    site.holdAfter(2);
    await pickFiles(page, [film.path]);
    const stored = await waitForStoredParts(site, page, 2);
    await isSending(page, film.name);
    sendSlowly();
    const before = site.puts.length;
    await page.reload();
    await waitUntilSignedIn(page);
    await isSending(page, film.name);
    await fileTile(page, film.name).waitFor();
    await uploadLine(page, film.name).filter({ hasText: "Ready" }).waitFor();
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

  test(`a browser that is killed in the middle of a part goes on when it is started again${where}`, {
    skip,
  }, async (t) => {
    const profile = join(site.folder, `profile${where}`);
    // Chromium takes its time to write cookies down, but when it is quit.
    const quit = await startProfile(profile);
    t.after(() => quit.kill());
    await signUp(await quit.context.newPage(), site.web);
    await quit.quit();
    const killed = await startProfile(profile);
    t.after(() => killed.kill());
    if (!hasSync) await hideBackgroundSync(killed.context);
    const page = await killed.context.newPage();
    await page.goto(site.web);
    await waitUntilSignedIn(page);
    const film = await site.layOutFilm(`killed${where}.mp4`);
    const from = site.puts.length;
    site.holdAfter(2);
    await dropFiles(page, [film.path]);
    const stored = await waitForStoredParts(site, page, 2);
    const before = site.puts.length;
    await killed.kill();
    sendSlowly();
    const again = await startProfile(profile);
    t.after(() => again.kill());
    if (!hasSync) await hideBackgroundSync(again.context);
    const next = await again.context.newPage();
    await next.goto(site.web);
    await waitUntilSignedIn(next);
    await isSending(next, film.name);
    await fileTile(next, film.name).waitFor();
    await uploadLine(next, film.name).filter({ hasText: "Ready" }).waitFor();
    const sent = site.puts.slice(before).map(({ partNumber }) => partNumber);
    assert.deepEqual(
      sent.filter((part) => stored.includes(part)),
      [],
      "what had arrived is not sent again",
    );
    assertPartsSentOnce(site.puts.slice(from));
    await site.assertArrived(next, [film]);
  });
}
