import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { createTestBrowser, withoutChromium } from "@stowage/client/testing/browser";
import { setUpPage, until } from "../testing/set-up.contract.ts";

const browser = createTestBrowser();
after(() => browser.close());
const inChromium = { skip: withoutChromium };

/** A page with the list; bytes do not arrive until they are let go. */
async function setUp(t: TestContext) {
  let isHanging = true;
  const tab = await setUpPage(
    t,
    browser,
    { fault: ({ method }) => (method === "PUT" && isHanging ? "hang" : undefined) },
    { withUploadList: true },
  );
  const { page } = tab;
  const list = page.locator("#list");
  return {
    ...tab,
    list,
    letGo() {
      isHanging = false;
    },
    button: (name: string) => list.getByRole("button", { name, exact: true }),
    focused: () => page.evaluate(() => document.activeElement?.getAttribute("aria-label")),
    untilState: (name: string, state: string) =>
      list.locator(`li[data-state=${state}]`).filter({ hasText: name }).waitFor(),
  };
}

test(
  "shows each upload with its name, its state in words, a bar that has a name, and what can be done",
  inChromium,
  async (t) => {
    const { call, list, untilState } = await setUp(t);
    await call("add", "a.jpg");
    await untilState("a.jpg", "sending");
    const row = list.getByRole("listitem");
    assert.equal(await row.getAttribute("class"), "item of mine");
    assert.match((await row.textContent()) ?? "", /^a\.jpgSending, \d+ %pause!cancel!$/);
    assert.equal(await list.getByRole("list").getAttribute("aria-label"), "My uploads");
    assert.equal(await row.getByRole("progressbar", { name: "Progress of a.jpg" }).count(), 1);
    assert.match((await list.locator("[data-part=summary]").textContent()) ?? "", /^0 of 1 file done/);
    await list.getByRole("status").filter({ hasText: "1 file added." }).waitFor();
  },
);

test("pauses and goes on by the keyboard, and the focus stays where it was", inChromium, async (t) => {
  const { page, call, button, focused, letGo, untilState } = await setUp(t);
  await call("add", "a.jpg");
  await untilState("a.jpg", "sending");
  await button("pause! a.jpg").focus();
  await page.keyboard.press("Enter");
  await untilState("a.jpg", "paused");
  assert.equal(await focused(), "resume! a.jpg");
  letGo();
  await page.keyboard.press("Enter");
  await untilState("a.jpg", "ready");
  // There is nothing to pause any more: the next that can be done has the focus.
  await until(focused, (name) => name === "dismiss! a.jpg");
});

test(
  "gives the focus to the next one when an upload is cancelled and taken off the list",
  inChromium,
  async (t) => {
    const { page, call, button, focused, untilState, list } = await setUp(t);
    await call("add", "a.jpg", "b.jpg");
    await untilState("a.jpg", "sending");
    await untilState("b.jpg", "sending");
    await button("cancel! a.jpg").focus();
    await page.keyboard.press("Enter");
    await untilState("a.jpg", "cancelled");
    assert.equal(await focused(), "dismiss! a.jpg");
    await page.keyboard.press("Enter");
    await until(focused, (name) => name === "pause! b.jpg");
    assert.equal(await list.getByRole("listitem").count(), 1);
  },
);
