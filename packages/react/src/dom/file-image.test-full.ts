import assert from "node:assert/strict";
import { after, type TestContext, test } from "node:test";
import { type ScriptedServerOptions, storeError } from "@stowage/client/testing";
import { createTestBrowser, withoutChromium } from "@stowage/client/testing/browser";
import type { Locator, Page } from "playwright-core";
import { rgbaToThumbHash } from "thumbhash";
import { returnOfNetwork, setUpPage, until } from "../testing/set-up.contract.ts";

const browser = createTestBrowser();
after(() => browser.close());
const inChromium = { skip: withoutChromium };

/** A BMP of 24 bits a pixel, all of one colour. */
function oneColour(
  width: number,
  height: number,
  [red, green, blue]: readonly [number, number, number],
): Buffer {
  const header = Buffer.alloc(54);
  header.write("BM");
  const rowBytes = Math.ceil((width * 3) / 4) * 4;
  header.writeUInt32LE(54 + rowBytes * height, 2);
  header.writeUInt32LE(54, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(height, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(24, 28);
  return Buffer.concat([header, Buffer.alloc(rowBytes * height, Buffer.of(blue, green, red))]);
}

const red = oneColour(320, 240, [255, 0, 0]);

/** A placeholder that is blue. */
const blueHash = Buffer.from(
  rgbaToThumbHash(
    4,
    3,
    Uint8Array.from({ length: 48 }, (_, index) => [0, 0, 255, 255][index % 4] ?? 0),
  ),
).toString("base64");

/** A page that comes to a file which has its thumbnail; pictures come once `letGo` is called. */
async function setUp(t: TestContext, options: ScriptedServerOptions = {}, thumbnail: Buffer | null = red) {
  const tab = await setUpPage(t, browser, options, { withPictures: true });
  const { page, server, call } = tab;
  await call("add", "photo.jpg");
  const [file] = await until(
    async () => [...server.uploads.values()],
    ([upload]) => upload?.state === "ready",
  );
  const shape = { width: 320, height: 240, thumbhash: blueHash };
  if (thumbnail) server.derive(file?.fileId ?? "", thumbnail, shape);

  const { promise: isOpen, resolve: letGo } = Promise.withResolvers<void>();
  await page.route("**/bucket/**", async (route) => {
    await isOpen;
    await route.continue();
  });
  await call("unmount");
  await call("mount", { server: server.url, withPictures: true });
  const box = page.locator("ol[aria-label=Files] [data-state]");
  await box.waitFor();
  return {
    ...tab,
    box,
    letGo,
    untilState: (wanted: string) =>
      until(
        () => box.getAttribute("data-state"),
        (state) => state === wanted,
      ),
    size: () => box.evaluate(({ clientWidth, clientHeight }) => [clientWidth, clientHeight]),
    /** Resolves once its middle is of this colour. */
    untilColour: (isSo: (rgb: readonly number[]) => boolean) => until(() => colourOf(page, box), isSo),
  };
}

/** What a person sees in the middle of it: red, green, blue of 0 to 255. */
async function colourOf(page: Page, box: Locator): Promise<readonly number[]> {
  const url = `data:image/png;base64,${(await box.screenshot()).toString("base64")}`;
  // Not in the page itself: its policy is under test.
  const reader = await page.context().newPage();
  try {
    return await reader.evaluate(async (source) => {
      const image = new Image();
      image.src = source;
      await image.decode();
      const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
      context?.drawImage(image, 0, 0);
      return Array.from(context?.getImageData(image.width / 2, image.height / 2, 1, 1).data ?? []).slice(
        0,
        3,
      );
    }, url);
  } finally {
    await reader.close();
  }
}

const isBlue = ([r = 0, g = 0, b = 0]: readonly number[]): boolean => b > 200 && r < 60 && g < 60;
const isRed = ([r = 0, g = 0, b = 0]: readonly number[]): boolean => r > 240 && g < 10 && b < 10;
const asks = ({ method, path }: { method: string; path: string }): boolean =>
  method === "GET" && path.startsWith("/bucket/");

test("shows the placeholder in its own box, then the picture, and moves nothing", inChromium, async (t) => {
  const { page, letGo, untilState, untilColour, size, complaints } = await setUp(t);
  assert.deepEqual(await size(), [200, 150]);
  await untilColour(isBlue);
  await page.evaluate(() => {
    let shift = 0;
    Object.assign(globalThis, { shift: () => shift });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if ("value" in entry) shift += Number(entry.value);
    }).observe({ type: "layout-shift", buffered: false });
  });
  letGo();
  await untilState("shown");
  await untilColour(isRed);
  assert.deepEqual(await size(), [200, 150]);
  assert.equal(await page.evaluate("shift()"), 0);
  const image = page.getByRole("img", { name: "photo.jpg" });
  assert.equal(await image.getAttribute("loading"), "lazy");
  assert.equal(await image.getAttribute("decoding"), "async");
  assert.deepEqual(complaints, []);
});

test("fades in, but not for somebody who wants no motion", inChromium, async (t) => {
  const { page, letGo, untilState, call, server } = await setUp(t);
  letGo();
  await untilState("shown");
  const transition = () =>
    page.locator("img").evaluate((image) => getComputedStyle(image).transitionDuration);
  assert.notEqual(await transition(), "0s");
  await page.emulateMedia({ reducedMotion: "reduce" });
  await call("mount", { server: server.url, withPictures: true });
  await until(transition, (duration) => duration === "0s");
});

test("says what it would be where a file has no such picture, and asks for none", inChromium, async (t) => {
  const { page, server, untilState } = await setUp(t, {}, null);
  await untilState("failed");
  assert.equal(await page.getByRole("img", { name: "photo.jpg" }).textContent(), "No picture");
  assert.equal(server.count("POST /v1/downloads"), 0);
});

test("asks for another URL where one has run out", inChromium, async (t) => {
  let refusals = 1;
  const { server, letGo, untilState, untilColour } = await setUp(t, {
    fault: (request) => {
      if (!asks(request) || refusals === 0) return undefined;
      refusals -= 1;
      return storeError(403, "AccessDenied");
    },
  });
  letGo();
  await untilState("shown");
  await untilColour(isRed);
  assert.equal(server.count("POST /v1/downloads"), 2);
});

test("asks for another URL where one ran out before it was used", inChromium, async (t) => {
  const { page, server, call, letGo, untilState } = await setUp(t);
  const source = () => page.locator("img").getAttribute("src");
  const first = await until(source, (src) => src !== null);
  await page.clock.install({ time: Date.now() + 11 * 60_000 });
  await call("mount", { server: server.url, withPictures: true, isSame: true });
  await until(source, (src) => src !== null && src !== first);
  letGo();
  await untilState("shown");
  assert.equal(server.count("POST /v1/downloads"), 2);
});

test(
  "says what it would be where nothing comes by four URLs, and shows it once something does",
  inChromium,
  async (t) => {
    let isDown = true;
    const { page, server, letGo, untilState, untilColour, size } = await setUp(t, {
      fault: (request) => (isDown && asks(request) ? storeError(503, "SlowDown") : undefined),
    });
    letGo();
    await untilState("failed");
    assert.equal(await page.getByRole("img", { name: "photo.jpg" }).textContent(), "No picture");
    assert.equal(server.count("POST /v1/downloads"), 4);
    assert.deepEqual(await size(), [200, 150]);
    isDown = false;
    await returnOfNetwork(page);
    await until(
      () => page.locator("ol[aria-label=Files] [data-state]").getAttribute("data-state"),
      (state) => state === "shown",
      // Before its next try by itself.
      5_000,
    );
    await untilColour(isRed);
  },
);

test(
  "tries a picture again by itself, less and less often, and asks no more once it is shown",
  inChromium,
  async (t) => {
    let isDown = true;
    const { page, server, letGo, box, untilState } = await setUp(t, {
      fault: (request) => (isDown && asks(request) ? storeError(503, "SlowDown") : undefined),
    });
    await page.clock.install();
    letGo();
    await until(
      async () => {
        await page.clock.runFor(1_000);
        return box.getAttribute("data-state");
      },
      (state) => state === "failed",
    );
    const tried = server.count("POST /v1/downloads");
    await page.clock.runFor(5_000);
    assert.equal(server.count("POST /v1/downloads"), tried);
    isDown = false;
    await page.clock.runFor(5_000);
    await untilState("shown");
    assert.equal(server.count("POST /v1/downloads"), tried + 1);
    await page.clock.runFor(120_000);
    await returnOfNetwork(page);
    assert.equal(server.count("POST /v1/downloads"), tried + 1);
  },
);
