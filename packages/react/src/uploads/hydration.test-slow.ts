import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createTestBrowser, withoutChromium } from "@stowage/client/testing/browser";

const browser = createTestBrowser();
after(() => browser.close());

test("goes on from what a server has rendered where this device has uploads left", {
  skip: withoutChromium,
}, async (t) => {
  const entry = new URL("../testing/hydrated-page.contract.tsx", import.meta.url);
  const { page, call } = await browser.open(t, { entry });
  await call("hydrate");
  await page.locator("output", { hasText: "left.jpg" }).waitFor();
  assert.deepEqual(await call("complaints"), []);
});
