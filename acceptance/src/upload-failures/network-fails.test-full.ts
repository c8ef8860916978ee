import assert from "node:assert/strict";
import { test } from "node:test";
import { failedRequests } from "../harness/watched-page.ts";
import { fileTile, openVisitor, pickFiles, signUp, uploadLine } from "../harness/web-page.ts";
import { describeFailingSite } from "./failing-site.ts";
import { assertPartsSentOnce } from "./sent-parts.ts";

const site = describeFailingSite();
const { skip } = site;

/** What Chromium itself says on the console of answers that others gave. */
const answeredRequests = /blocked by CORS policy|status of 4(03|09)|MIME type|^page error: $/;

test("a Wi-Fi that wants a sign-in and answers for the server is no success: uploads wait, say so, and go on", {
  skip,
}, async () => {
  const { context, page, watch } = await openVisitor(site.browser);
  watch.expect(failedRequests);
  watch.expect(answeredRequests);
  await signUp(page, site.web);
  // What the page loads after its first screen, the panel of uploads among it, it could not load from a portal.
  await page.waitForLoadState("networkidle");
  const picture = await site.layOutPicture("hotel.jpg");
  site.befall(() => "portal");
  await pickFiles(page, [picture.path]);
  const line = uploadLine(page, picture.name);
  await line
    .filter({
      hasText: "Waiting: Something else than the server answers. Is there a Wi-Fi that wants a sign-in?",
    })
    .waitFor();
  site.befall();
  // They have signed in, in another tab, and look at this one again: the pause that is under way would take longer.
  await page.evaluate(() => document.dispatchEvent(new Event("visibilitychange", { bubbles: true })));
  await line.filter({ hasText: "Ready" }).waitFor({ timeout: 10_000 });
  await fileTile(page, picture.name).waitFor();
  await site.assertArrived(page, [picture]);
  watch.assertClean();
  await context.close();
});

test("a list that a Wi-Fi answered for comes by itself once the server is there, with what was sent meanwhile", {
  skip,
}, async () => {
  const { context, page, watch } = await openVisitor(site.browser);
  watch.expect(failedRequests);
  watch.expect(answeredRequests);
  await signUp(page, site.web);
  const picture = await site.layOutPicture("lobby.jpg");
  site.befall(({ path }) => (path.startsWith("/v1/files") ? "portal" : undefined));
  await page.reload();
  await page.getByRole("heading", { name: "Your files can’t be shown right now" }).waitFor();
  await pickFiles(page, [picture.path]);
  await uploadLine(page, picture.name).filter({ hasText: "Ready" }).waitFor();
  site.befall();
  await fileTile(page, picture.name).waitFor();
  await site.assertArrived(page, [picture]);
  watch.assertClean();
  await context.close();
});

test("a Wi-Fi that answers for the store alone brings nothing, and what it took is sent to the store", {
  skip,
}, async () => {
  const { context, page, watch } = await openVisitor(site.browser);
  watch.expect(failedRequests);
  watch.expect(answeredRequests);
  await signUp(page, site.web);
  const picture = await site.layOutPicture("store.jpg");
  const from = site.puts.length;
  site.befall(({ speaks }) => (speaks === "s3" ? "portal" : undefined));
  await pickFiles(page, [picture.path]);
  const line = uploadLine(page, picture.name);
  await line
    .filter({ hasText: /Waiting: Something else than the server answers|Waiting for the server/ })
    .waitFor();
  site.befall();
  await fileTile(page, picture.name).waitFor({ timeout: 60_000 });
  await line.filter({ hasText: "Ready" }).waitFor();
  const arrived = site.puts.slice(from).filter(({ hasFailed }) => !hasFailed);
  assert.equal(arrived.length, 1);
  await site.assertArrived(page, [picture]);
  watch.assertClean();
  await context.close();
});

for (const [what, shiftMs] of [
  ["a day ahead", 86_400_000],
  ["a day behind", -86_400_000],
] as const)
  test(`a device whose clock is ${what} sends all the same, and requests that have expired are asked for anew`, {
    skip,
  }, async () => {
    const { context, page, watch } = await openVisitor(site.browser);
    watch.expect(failedRequests);
    watch.expect(answeredRequests);
    await context.addInitScript((byMs) => {
      const { now } = Date;
      const Real = Date;
      Date.now = () => now() + byMs;
      globalThis.Date = new Proxy(Real, {
        construct: (target, args: unknown[]) =>
          Reflect.construct(target, args.length === 0 ? [now() + byMs] : args) as Date,
      });
    }, shiftMs);
    await signUp(page, site.web);
    const picture = await site.layOutPicture("clock.jpg");
    const film = await site.layOutFilm("clock.mp4");
    const from = site.puts.length;
    let expired = 0;
    site.befall(({ speaks, method }) => {
      if (speaks !== "s3" || method !== "PUT" || expired >= 2) return undefined;
      expired += 1;
      return "expired";
    });
    await pickFiles(page, [picture.path, film.path]);
    for (const { name } of [picture, film]) {
      await fileTile(page, name).waitFor({ timeout: 60_000 });
      await uploadLine(page, name).filter({ hasText: "Ready" }).waitFor();
    }
    assert.equal(expired, 2);
    const puts = site.puts.slice(from);
    assertPartsSentOnce(puts.filter(({ partNumber }) => partNumber > 0));
    assert.equal(puts.filter(({ partNumber, hasFailed }) => partNumber === 0 && !hasFailed).length, 1);
    await site.assertArrived(page, [picture, film]);
    watch.assertClean();
    await context.close();
  });

test("a file that is added twice is sent once, and both lines come to their end", { skip }, async () => {
  const { context, page, watch } = await openVisitor(site.browser);
  await signUp(page, site.web);
  const picture = await site.layOutPicture("twice.jpg");
  const from = site.puts.length;
  site.befall(({ speaks, method }) =>
    speaks === "s3" && method === "PUT" ? { kind: "slow", bytesPerSecond: 8000 } : undefined,
  );
  await pickFiles(page, [picture.path]);
  await uploadLine(page, picture.name).filter({ hasText: "Sending" }).waitFor();
  await pickFiles(page, [picture.path]);
  await uploadLine(page, picture.name).nth(1).waitFor();
  await fileTile(page, picture.name).waitFor();
  await uploadLine(page, picture.name).filter({ hasText: "Ready" }).nth(1).waitFor();
  assert.equal(site.puts.slice(from).length, 1);
  site.befall();
  await site.assertArrived(page, [picture]);
  watch.assertClean();
  await context.close();
});
