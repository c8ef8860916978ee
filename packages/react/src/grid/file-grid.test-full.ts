import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { createTestBrowser, withoutChromium } from "@stowage/client/testing/browser";
import { until } from "../testing/set-up.contract.ts";

const browser = createTestBrowser();
after(() => browser.close());
const inChromium = { skip: withoutChromium };

async function setUp(t: TestContext, options: { readonly count: number } & Record<string, unknown>) {
  const tab = await browser.open(t, { entry: new URL("../testing/grid-page.contract.tsx", import.meta.url) });
  const { page, call } = tab;
  await call("mount", options);
  const list = page.getByRole("list", { name: "Photos" });
  await list.getByRole("listitem").first().waitFor();
  const focused = () =>
    page.evaluate(() => document.activeElement?.getAttribute("data-file") ?? document.activeElement?.tagName);
  const press = async (...keys: readonly string[]) => {
    for (const key of keys) await page.keyboard.press(key);
  };
  return {
    ...tab,
    list,
    focused,
    press,
    untilFocused: (name: string) => until(focused, (seen) => seen === name),
    /** Pixels from the window's top to a file's tile. */
    topOf: (name: string) =>
      page.evaluate((id) => document.querySelector(`[data-file="${id}"]`)?.getBoundingClientRect().top, name),
    isInSight: (name: string) =>
      page.evaluate((id) => {
        const box = document.querySelector(`[data-file="${id}"]`)?.getBoundingClientRect();
        return box !== undefined && box.top >= 0 && box.bottom <= innerHeight;
      }, name),
    selected: async () =>
      (await page
        .locator("li[data-selected] [data-file]")
        .evaluateAll((links) => links.map((link) => link.getAttribute("data-file")))) as string[],
    scrollTo: (top: number) => page.evaluate((to) => scrollTo({ top: to, behavior: "instant" }), top),
  };
}

test("is a list in which each file knows its place, and one stop for Tab", inChromium, async (t) => {
  const { list, press, focused, page } = await setUp(t, { count: 500 });
  const first = list.getByRole("listitem").first();
  assert.equal(await first.getAttribute("aria-setsize"), "500");
  assert.equal(await first.getAttribute("aria-posinset"), "1");
  assert.equal(await first.getByRole("button").locator("img").getAttribute("alt"), "file 0");
  await list.locator("[data-state=shown]").first().waitFor();
  await press("Tab", "Tab");
  assert.equal(await focused(), "file 0");
  await press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "After");
  await press("Shift+Tab");
  assert.equal(await focused(), "file 0");
});

test(
  "is walked through by arrows, Home, End and page keys, and what has the focus is in sight",
  inChromium,
  async (t) => {
    const { press, focused, untilFocused, isInSight } = await setUp(t, { count: 2_000, withSections: true });
    await press("Tab", "Tab", "ArrowRight", "ArrowRight", "ArrowLeft");
    await untilFocused("file 1");
    await press("ArrowDown");
    const below = await until(focused, (name) => name !== "file 1");
    await press("ArrowUp");
    await untilFocused("file 1");
    await press("PageDown");
    const further = await until(focused, (name) => name !== "file 1");
    assert.ok(Number(further?.slice(5)) > Number(below?.slice(5)), `${further} is not beyond ${below}`);
    assert.ok(await isInSight(String(further)));
    await press("End");
    await untilFocused("file 1999");
    assert.ok(await isInSight("file 1999"));
    await press("PageUp", "PageUp", "Home");
    await untilFocused("file 0");
    assert.ok(await isInSight("file 0"));
    // Keys that the browser has a use for are its own.
    await press("Alt+ArrowRight");
    await untilFocused("file 0");
  },
);

test(
  "opens a file by Enter, by a press and by its link, and leaves new tabs to the browser",
  inChromium,
  async (t) => {
    const { page, call, press, list } = await setUp(t, { count: 20, withLinks: true });
    await press("Tab", "Tab", "ArrowRight", "Enter");
    await list.getByRole("link", { name: "file 3", exact: true }).click();
    assert.deepEqual(await call("opened"), ["file 1", "file 3"]);
    await list.getByRole("link", { name: "file 4", exact: true }).click({ modifiers: ["ControlOrMeta"] });
    assert.equal((await call<string[]>("opened")).length, 2);
    assert.ok(!page.url().includes("#"));
  },
);

test("selects by Space, and ranges by Shift; Escape ends it", inChromium, async (t) => {
  const { page, call, press, list, selected, untilFocused } = await setUp(t, {
    count: 50,
    withSelection: true,
  });
  await press("Tab", "Tab", "ArrowRight", " ");
  assert.deepEqual(await selected(), ["file 1"]);
  await page
    .getByRole("status")
    .filter({ hasText: /^1 selected$/ })
    .waitFor();
  await press("Shift+ArrowRight", "Shift+ArrowRight");
  assert.deepEqual(await selected(), ["file 1", "file 2", "file 3"]);
  await press("Shift+ArrowLeft");
  assert.deepEqual(await selected(), ["file 1", "file 2"]);
  await list.getByRole("button", { name: "file 5", exact: true }).click();
  assert.deepEqual(await selected(), ["file 1", "file 2", "file 5"]);
  await list.getByRole("button", { name: "file 7", exact: true }).click({ modifiers: ["Shift"] });
  assert.deepEqual(await selected(), ["file 1", "file 2", "file 5", "file 6", "file 7"]);
  await press("Tab", " ");
  assert.deepEqual(await selected(), ["file 1", "file 2", "file 5", "file 6"]);
  assert.ok(!(await list.getByRole("checkbox", { name: "Select file 7" }).isChecked()));
  await press("Escape");
  assert.deepEqual(await selected(), []);
  assert.deepEqual(await call("opened"), []);
  await press("Shift+Tab", "Enter");
  await untilFocused("file 7");
  assert.deepEqual(await call("opened"), ["file 7"]);
});

test("Space opens where nothing can be selected, as on every button", inChromium, async (t) => {
  const { call, press } = await setUp(t, { count: 5 });
  await press("Tab", "Tab", " ");
  assert.deepEqual(await call("opened"), ["file 0"]);
});

test("what somebody looks at stays where it is when files come and go before it", inChromium, async (t) => {
  const { call, page, topOf, scrollTo, list } = await setUp(t, { count: 3_000, withSections: true });
  await scrollTo(20_000);
  await list.getByRole("listitem").first().filter({ hasNotText: "file 0" }).waitFor();
  const seen = await until(
    () =>
      page.evaluate(() =>
        [...document.querySelectorAll("[data-file]")]
          .find((link) => link.getBoundingClientRect().bottom > 0 && scrollY > 19_000)
          ?.getAttribute("data-file"),
      ),
    (name) => typeof name === "string",
  );
  const name = String(seen);
  const before = await topOf(name);
  await call("addBefore", 100);
  await until(
    () => call<number>("count"),
    (count) => count === 3_100,
  );
  assert.ok(Math.abs(Number(await topOf(name)) - Number(before)) < 1, `${await topOf(name)} after ${before}`);
  await call("remove", "new 0", "new 1", "file 3", "file 4", "file 5");
  await until(
    () => call<number>("count"),
    (count) => count === 3_095,
  );
  assert.ok(Math.abs(Number(await topOf(name)) - Number(before)) < 1, `${await topOf(name)} after ${before}`);
  // Another width has other rows; the same pictures are looked at.
  await page.setViewportSize({ width: 500, height: 720 });
  const isLaidOut = () =>
    page.evaluate(() =>
      [...document.querySelectorAll("li")].every((item) => item.getBoundingClientRect().right <= 500),
    );
  await until(isLaidOut, (isSo) => isSo);
  const after = Number(await topOf(name));
  assert.ok(after > -400 && after < 720, `${after} after ${before}`);
});

test("at its beginning, what is added before is seen", inChromium, async (t) => {
  const { call, page, isInSight } = await setUp(t, { count: 1_000 });
  await call("addBefore", 50);
  await until(
    () => isInSight("new 0"),
    (isSo) => isSo,
  );
  assert.equal(await page.evaluate(() => scrollY), 0);
});

test(
  "gives the focus to the next file when the one that has it goes, and to the list when all go",
  inChromium,
  async (t) => {
    const { call, press, untilFocused, focused } = await setUp(t, { count: 6 });
    await press("Tab", "Tab", "ArrowRight", "ArrowRight");
    await untilFocused("file 2");
    await call("remove", "file 1", "file 2", "file 3");
    await untilFocused("file 4");
    await call("remove", "file 5");
    assert.equal(await focused(), "file 4");
    await call("remove", "file 4");
    await untilFocused("file 0");
    await call("remove", "file 0");
    await untilFocused("UL");
  },
);

test("takes no focus when a file goes that has lost it", inChromium, async (t) => {
  const { call, page, press, focused, untilFocused } = await setUp(t, { count: 6 });
  await press("Tab", "Tab");
  await untilFocused("file 0");
  await press("Shift+Tab");
  await page.evaluate(() => document.activeElement instanceof HTMLElement && document.activeElement.blur());
  await call("remove", "file 0");
  await until(
    () => call<number>("count"),
    (count) => count === 5,
  );
  assert.equal(await focused(), "BODY");
});

test(
  "what has the focus, or had it last, is never taken off the page by scrolling",
  inChromium,
  async (t) => {
    const { press, focused, untilFocused, scrollTo, isInSight, list } = await setUp(t, {
      count: 5_000,
    });
    await press("Tab", "Tab");
    await untilFocused("file 0");
    await scrollTo(50_000);
    await list.getByRole("listitem").nth(5).waitFor();
    assert.equal(await focused(), "file 0");
    await press("ArrowRight");
    await untilFocused("file 1");
    assert.ok(await isInSight("file 1"));
    // Tab comes back to it.
    await press("Shift+Tab");
    await scrollTo(50_000);
    await press("Tab");
    await untilFocused("file 1");
    assert.ok(await isInSight("file 1"));
  },
);

test("Tab comes to the first file in sight where none has had the focus", inChromium, async (t) => {
  const { press, focused, scrollTo, page, list } = await setUp(t, { count: 5_000 });
  await page.evaluate(() => document.querySelector("button")?.focus());
  await scrollTo(50_000);
  await list
    .getByRole("listitem")
    .first()
    .filter({ hasNot: page.locator('[data-file="file 0"]') })
    .waitFor();
  await press("Tab");
  const name = String(await until(focused, (seen) => String(seen).startsWith("file")));
  assert.ok(Number(name.slice(5)) > 500, name);
});

test("brings a file into sight and gives it the focus when it is told to", inChromium, async (t) => {
  const { call, untilFocused, isInSight } = await setUp(t, { count: 10_000 });
  await call("focusFile", "file 7000");
  await untilFocused("file 7000");
  assert.ok(await isInSight("file 7000"));
});

test(
  "asks for more as the end nears, once for each page, and moves nothing that has been shown",
  inChromium,
  async (t) => {
    const { call, list, topOf, scrollTo, page } = await setUp(t, { count: 900, pageSize: 300 });
    assert.equal(await list.getByRole("listitem").first().getAttribute("aria-setsize"), "-1");
    assert.equal(await call("asked"), 0);
    const end = await page.evaluate(() => document.body.scrollHeight);
    await scrollTo(end - 1_500);
    const last = list.getByRole("listitem").last();
    const name = String(
      await until(
        () => last.locator("[data-file]").getAttribute("data-file"),
        (seen) => Number(seen?.slice(5)) > 250,
      ),
    );
    const before = await topOf(name);
    await until(
      () => call<number>("count"),
      (count) => count === 600,
    );
    assert.equal(await topOf(name), before);
    assert.equal(await call("asked"), 1);
    await scrollTo(1_000_000);
    await until(
      () => call<number>("count"),
      (count) => count === 900,
    );
    await until(
      () => list.getByRole("listitem").first().getAttribute("aria-setsize"),
      (size) => size === "900",
    );
    assert.equal(await call("asked"), 2);
  },
);

test(
  "begins at the right where text runs from right to left, and the left arrow leads on",
  inChromium,
  async (t) => {
    const { page, press, untilFocused } = await setUp(t, { count: 100, direction: "rtl" });
    const right = (name: string) =>
      page.evaluate(
        (id) => document.querySelector(`[data-file="${id}"]`)?.getBoundingClientRect().right ?? 0,
        name,
      );
    const width = await page.evaluate(() => document.documentElement.clientWidth);
    assert.ok(width - (await right("file 0")) < 20);
    assert.ok((await right("file 1")) < (await right("file 0")));
    await press("Tab", "Tab", "ArrowLeft");
    await untilFocused("file 1");
  },
);

test("scrolls in an element as in the window", inChromium, async (t) => {
  const { page, press, untilFocused, list } = await setUp(t, { count: 5_000, scrollerHeight: 400 });
  assert.ok((await list.getByRole("listitem").count()) < 100);
  await press("Tab", "Tab", "End");
  await untilFocused("file 4999");
  const inScroller = await page.evaluate(() => {
    const frame = document.querySelector("#scroller")?.getBoundingClientRect();
    const box = document.activeElement?.getBoundingClientRect();
    return frame !== undefined && box !== undefined && box.top >= frame.top && box.bottom <= frame.bottom + 1;
  });
  assert.ok(inScroller);
  assert.ok((await list.getByRole("listitem").count()) < 120);
});
