import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import type { Browser } from "playwright-core";
import { assertAccessible, findBarriers } from "./accessibility.ts";
import { launchChromium, withoutChromium } from "./chromium.ts";
import { readLayoutShifts, watchLayout, watchPages } from "./watched-page.ts";

const skip = withoutChromium;

/** Pages that are right and wrong in one way each. */
const pages: ReadonlyMap<string, string> = new Map([
  ["/sound", "<main><h1>A page</h1><button>Press</button></main>"],
  [
    "/barriers",
    "<main><h1>A page</h1><img src='/dot.png'><p style='color:#ccc'>faint</p><button></button></main>",
  ],
  ["/throws", "<main><h1>A page</h1></main><script src=/throw.js></script>"],
  ["/inline", "<main><h1>A page</h1></main><script>window.x = 1</script>"],
  ["/shifts", "<main><h1>A page</h1><p id=below>below</p></main>"],
]);

let site: Server;
let origin: string;
let browser: Browser;

before(async () => {
  if (skip) return;
  site = createServer((request, response) => {
    const path = request.url ?? "/";
    const body = pages.get(path);
    if (path === "/throw.js")
      response.setHeader("content-type", "text/javascript").end("throw new Error('thrown on purpose')");
    else if (path === "/refused") response.writeHead(500).end();
    else if (body === undefined) response.setHeader("content-type", "image/png").end();
    else
      response
        .setHeader("content-type", "text/html; charset=utf-8")
        .setHeader("content-security-policy", "default-src 'self'; style-src 'unsafe-inline'")
        .end(`<!doctype html><html lang=en><title>A page</title>${body}`);
  });
  await new Promise<void>((resolve) => site.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(site.address() as AddressInfo).port}`;
  browser = await launchChromium();
});
after(async () => {
  if (skip) return;
  await browser.close();
  site.close();
});

test("axe-core passes a sound page under a strict policy, and names each barrier of another", {
  skip,
}, async () => {
  const context = await browser.newContext();
  const watch = await watchPages(context);
  const page = await context.newPage();
  await page.goto(`${origin}/sound`);
  await assertAccessible(page, "a sound page");
  watch.assertClean();
  await page.goto(`${origin}/barriers`);
  const found = (await findBarriers(page)).join("\n");
  for (const rule of ["image-alt", "color-contrast", "button-name"])
    assert.match(found, new RegExp(`^${rule} `, "m"));
  await assert.rejects(assertAccessible(page, "a bad page"), /axe-core on a bad page/);
  await context.close();
});

test("an error that nobody caught, a violated policy and an error on the console are each a complaint", {
  skip,
}, async () => {
  const context = await browser.newContext();
  const watch = await watchPages(context);
  const page = await context.newPage();
  await page.goto(`${origin}/throws`);
  assert.match(watch.complaints.join("\n"), /page error: Error: thrown on purpose/);
  assert.throws(() => watch.assertClean(), /pages complained/);
  watch.assertClean();
  await page.goto(`${origin}/inline`);
  assert.match(watch.complaints.join("\n"), /CSP: script-src-elem refused inline/);
  assert.throws(() => watch.assertClean());
  await page.evaluate(() => fetch("/refused", { method: "POST", body: "seven b" }));
  assert.match(watch.complaints.join("\n"), /console: .*status of 500 .*\/refused/);
  assert.deepEqual(watch.requests.at(-1), { method: "POST", url: `${origin}/refused`, origin, bodyBytes: 7 });
  assert.throws(() => watch.assertClean());
  const stop = watch.expect(/status of 500/);
  await page.evaluate(() => fetch("/refused"));
  watch.assertClean();
  stop();
  await page.evaluate(() => fetch("/refused"));
  assert.throws(() => watch.assertClean());
  await context.close();
});

test("something that moves what is on screen is a layout shift", { skip }, async () => {
  const page = await browser.newPage();
  await page.goto(`${origin}/shifts`);
  await watchLayout(page);
  assert.equal((await readLayoutShifts(page)).sum, 0);
  await page.evaluate(() => {
    const tall = document.createElement("div");
    tall.style.height = "300px";
    document.querySelector("#below")?.before(tall);
  });
  await page.waitForFunction(
    () => (window as unknown as { layoutShiftsSeen: { sum: number } }).layoutShiftsSeen.sum > 0,
  );
  const { sum, worst } = await readLayoutShifts(page);
  assert.ok(sum > 0.01, String(sum));
  assert.match(worst, /id="below"/);
  await page.close();
});
