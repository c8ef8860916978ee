import assert from "node:assert/strict";
import { test } from "node:test";
import type { Page } from "playwright-core";
import { findBarriers, findMotion } from "./harness/accessibility.ts";
import { layOutPhotographs } from "./harness/photographs.ts";
import { makeFolder, removeFolder } from "./harness/run-cli.ts";
import { newAccount, openVisitor } from "./harness/web-page.ts";
import { walkSignedIn, walkSignedOut } from "./harness/web-screens.ts";
import { describeWebSuite } from "./harness/web-suite.ts";

const suite = describeWebSuite();
const { skip } = suite;

const looks = (["light", "dark"] as const).flatMap((theme) =>
  (
    [
      ["phone", 390, 844],
      ["desktop", 1440, 900],
    ] as const
  ).map(([device, width, height]) => ({ name: `${device}, ${theme}`, device, theme, width, height })),
);

/** What axe-core finds on a page as it is now, at both sizes and in both themes; also what does not fit a phone. */
async function findInEveryLook(page: Page, screen: string): Promise<string[]> {
  // Visitors here want less motion.
  const found = (await findMotion(page)).map((motion) => `${screen}: ${motion}`);
  for (const { name, device, theme, width, height } of looks) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme: theme });
    found.push(...(await findBarriers(page)).map((barrier) => `${screen} (${name}): ${barrier}`));
    if (process.env.STOWAGE_LOOK)
      await page.screenshot({ path: `${process.env.STOWAGE_LOOK}/${screen}-${device}-${theme}.png` });
  }
  // WCAG 2.2, 1.4.10: nothing has to be scrolled sideways at 320 pixels.
  await page.setViewportSize({ width: 320, height: 640 });
  // What is laid out by script follows a moment later.
  const overflow = await page
    .waitForFunction(() => document.documentElement.scrollWidth <= window.innerWidth, undefined, {
      timeout: 2_000,
    })
    .then(
      () => 0,
      () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth),
    );
  if (overflow > 0) found.push(`${screen}: ${overflow} pixels too wide for 320`);
  await page.setViewportSize({ width: 1280, height: 900 });
  return found;
}

test("axe-core finds nothing on the pages of signing up and in", { skip }, async () => {
  const visitor = await openVisitor(suite.browser);
  const found: string[] = [];
  const seen: string[] = [];
  await walkSignedOut(visitor, suite.server, async (screen) => {
    seen.push(screen);
    found.push(...(await findInEveryLook(visitor.page, screen)));
  });
  assert.deepEqual(found, []);
  assert.equal(seen.length, 7);
  visitor.watch.assertClean();
  await visitor.context.close();
});

test("axe-core finds nothing on any screen and in any state of somebody who is signed in", {
  skip,
}, async () => {
  const folder = await makeFolder("axe");
  const photographs = await layOutPhotographs(folder, 8);
  const visitor = await openVisitor(suite.browser);
  const found: string[] = [];
  const seen: string[] = [];
  const account = newAccount("Axel Long-Name");
  await walkSignedIn(visitor, suite.server, { account, photographs }, async (screen) => {
    seen.push(screen);
    found.push(...(await findInEveryLook(visitor.page, screen)));
  });
  assert.deepEqual(found, []);
  assert.equal(seen.length, 18);
  visitor.watch.assertClean();
  await visitor.context.close();
  await removeFolder(folder);
});
