import assert from "node:assert/strict";
import { test } from "node:test";
import {
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

for (const hasSync of [true, false]) {
  const where = hasSync ? "" : ", without Background Sync";
  test(`of two tabs one sends, both show it, and where the one that sends is closed the other goes on${where}`, {
    skip,
  }, async () => {
    const { context, page, watch } = await openVisitor(site.browser);
    if (!hasSync) await hideBackgroundSync(context);
    await signUp(page, site.web);
    const other = await context.newPage();
    await other.goto(site.web);
    await waitUntilSignedIn(other);
    const film = await site.layOutFilm(`tabs${where}.mp4`);
    const from = site.puts.length;
    site.holdAfter(2);
    await pickFiles(page, [film.path]);
    const stored = await waitForStoredParts(site, page, 2);
    for (const tab of [page, other])
      await uploadLine(tab, film.name)
        .filter({ hasText: /Sending \d+ %/ })
        .waitFor();
    site.befall();
    const before = site.puts.length;
    await page.close();
    await fileTile(other, film.name).waitFor({ timeout: 60_000 });
    await uploadLine(other, film.name).filter({ hasText: "Ready" }).waitFor();
    const again = site.puts.slice(before).map(({ partNumber }) => partNumber);
    assert.deepEqual(
      again.filter((part) => stored.includes(part)),
      [],
      "what had arrived is not sent again",
    );
    assertPartsSentOnce(site.puts.slice(from));
    await site.assertArrived(other, [film]);
    watch.assertClean();
    await context.close();
  });
}
