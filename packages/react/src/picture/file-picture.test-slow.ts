import assert from "node:assert/strict";
import { after, test } from "node:test";
import { createTestBrowser, withoutChromium } from "@stowage/client/testing/browser";
import { setUpPage, until } from "../testing/set-up.contract.ts";

const browser = createTestBrowser();
after(() => browser.close());

/** A BMP of one red pixel. */
const pixel = Buffer.from(
  "424d3a0000000000000036000000280000000100000001000000010018000000000004000000130b0000130b000000000000000000000000ff00",
  "hex",
);

test("shows what is kept on this device without a network, and takes it away once it may not be seen", {
  skip: withoutChromium,
}, async (t) => {
  const { page, server, call } = await setUpPage(t, browser);
  await call("add", "photo.jpg");
  const [upload] = await until(
    async () => [...server.uploads.values()],
    ([first]) => first?.state === "ready",
  );
  const fileId = upload?.fileId ?? "";
  server.derive(fileId, pixel, { width: 1, height: 1, thumbhash: "1QcSHQRnh493V4dIh4eXh1h4kJUI" });
  await page.route("**/v1/downloads", (route) => route.abort());
  await page.route("**/bucket/**", (route) => route.abort());
  await call("keep", fileId, "thumbnail", pixel.toString("base64"));
  await call("unmount");
  await call("mount", { server: server.url, withKept: true });

  const picture = page.locator("ol[aria-label=Files] [data-state]");
  await page.locator("ol[aria-label=Files] [data-state=shown]").waitFor();
  assert.match((await picture.locator("img").getAttribute("src")) ?? "", /^blob:/);
  assert.equal(await picture.locator("img").getAttribute("alt"), "photo.jpg");

  await call("lose", fileId);
  await page.locator("ol[aria-label=Files] [data-state=loading]").waitFor();
  assert.equal(await page.locator('img[src^="blob:"]').count(), 0);
});
