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
const frames = 60;
/** A frame, at any pace. Five times what was measured; without tiles that are bare while they pass by it is 60. */
const mostWorkMs = 40;

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

  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  /** Seconds of the page's own thread on a processor: what other programs take on the machine is not in it. */
  const workedSeconds = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration")?.value ?? Number.NaN;
  };
  for (const [pace, step] of [
    ["a turn of the wheel", 100],
    ["a flick of the thumb", 1_000],
    ["dragging the bar", 60_000],
  ] as const) {
    const before = await workedSeconds();
    const seen = await call<{ longTasks: number[]; mostItems: number; tookMs: number }>(
      "scrollOn",
      frames,
      step,
    );
    const workedMs = ((await workedSeconds()) - before) * 1000;
    const [count, sum] = [seen.longTasks.length, seen.longTasks.reduce((all, ms) => all + ms, 0)];
    t.diagnostic(
      `${pace}: ${frames} frames in ${Math.round(seen.tookMs)} ms, ${(workedMs / frames).toFixed(1)} ms of work each; ` +
        `${count} tasks over 50 ms, ${Math.round(sum / Math.max(1, count))} ms on average; ${seen.mostItems} items`,
    );
    assert.ok(seen.mostItems < mostItems, `${seen.mostItems} items`);
    assert.ok(workedMs / frames < mostWorkMs, `${workedMs / frames} ms of work a frame`);
  }
  await page.locator("li [data-state=shown]").first().waitFor();
  const beforeMs = await call<number>("timeOfOneBefore");
  t.diagnostic(`one file more before all others: ${Math.round(beforeMs)} ms`);
});
