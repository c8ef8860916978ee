import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createTestBrowser, withoutChromium } from "@stowage/client/testing/browser";
import { until } from "../testing/set-up.contract.ts";

const browser = createTestBrowser();
after(() => browser.close());

const entry = new URL("../testing/grid-page.contract.tsx", import.meta.url);
const fileCount = 100_000;
/** Of a window of 720 pixels: its rows, and five on each side. */
const mostItems = 150;

test(`shows ${fileCount} files with a small page, from the first to the last by the keyboard, and scrolls smoothly`, {
  skip: withoutChromium,
}, async (t) => {
  const { page, call } = await browser.open(t, { entry });
  await call("mount", { count: fileCount, withSelection: true, withSections: true });
  const items = page.getByRole("listitem");
  await items.first().waitFor();
  assert.ok((await items.count()) < mostItems);

  const focused = () => page.evaluate(() => document.activeElement?.getAttribute("data-file"));
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await until(focused, (name) => name === "file 0");
  await page.keyboard.press("End");
  await until(focused, (name) => name === `file ${fileCount - 1}`);
  assert.ok((await items.count()) < mostItems);
  await page.keyboard.press("Home");
  await until(focused, (name) => name === "file 0");

  for (const [pace, step] of [
    ["a turn of the wheel", 100],
    ["a flick of the thumb", 1_000],
    ["dragging the bar", 60_000],
  ] as const) {
    const seen = await call<{ longTasks: number[]; mostItems: number; tookMs: number }>("scrollOn", 60, step);
    const sum = seen.longTasks.reduce((all, ms) => all + ms, 0);
    const mean = seen.longTasks.length === 0 ? 0 : sum / seen.longTasks.length;
    t.diagnostic(
      `${pace}: 60 frames in ${Math.round(seen.tookMs)} ms, ${seen.longTasks.length} tasks over 50 ms, ` +
        `${Math.round(mean)} ms on average, ${Math.round(Math.max(0, ...seen.longTasks))} at most; ${seen.mostItems} items`,
    );
    assert.ok(seen.mostItems < mostItems, `${seen.mostItems} items`);
    // Machines that others use are slow at times: one long task is none of the grid's doing, all of them are.
    assert.ok(mean < 100, `${mean} ms on average`);
  }
  const beforeMs = await call<number>("timeOfOneBefore");
  t.diagnostic(`one file more before all others: ${Math.round(beforeMs)} ms`);
});
