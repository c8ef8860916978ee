import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, type TestContext, test } from "node:test";
import { createTestBrowser, withoutChromium } from "@stowage/client/testing/browser";
import { setUpPage, until } from "../testing/set-up.contract.ts";

const browser = createTestBrowser();
after(() => browser.close());
const inChromium = { skip: withoutChromium };

async function makeFiles(t: TestContext, ...names: string[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "stowage-drop-"));
  t.after(() => rm(directory, { recursive: true, force: true }));
  for (const name of names) {
    const path = join(directory, name);
    await mkdir(join(path, ".."), { recursive: true });
    await writeFile(path, `the bytes of ${name}`);
  }
  return directory;
}

async function setUp(t: TestContext, zone: object = {}) {
  const tab = await setUpPage(t, browser, {}, { zone });
  const { page, call } = tab;
  const cdp = await page.context().newCDPSession(page);
  const sentNames = async () =>
    ((await call<{ name: string }[] | undefined>("uploads")) ?? []).map(({ name }) => name);

  /** Drags over an element as the system's file manager does, and tells what the page answers. */
  const drag = async (
    selector: string,
    data: { files?: string[]; items?: { mimeType: string; data: string }[] },
    drop = true,
  ) => {
    const box = await page.locator(selector).boundingBox();
    assert.ok(box);
    const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    const given = { items: [], ...data, dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", ...(drop ? ["drop" as const] : [])] as const)
      await cdp.send("Input.dispatchDragEvent", { type, ...at, data: given });
  };
  return {
    ...tab,
    drag,
    sentNames,
    untilSent: (...names: string[]) =>
      until(sentNames, (seen) => JSON.stringify([...seen].sort()) === JSON.stringify([...names].sort())),
  };
}

type Tab = Awaited<ReturnType<typeof setUp>>;

const paste = ({ page }: Tab, selector: string, files: readonly string[], text?: string) =>
  page.evaluate(
    ([into, names, beside]) => {
      const clipboardData = new DataTransfer();
      for (const name of names) clipboardData.items.add(new File(["a picture"], name, { type: "image/png" }));
      if (beside !== undefined) clipboardData.setData("text/plain", beside);
      const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
      document.querySelector(into)?.dispatchEvent(event);
      return event.defaultPrevented;
    },
    [selector, files, text] as const,
  );

test("takes files that are picked with the keyboard", inChromium, async (t) => {
  const { page, server, untilSent } = await setUp(t);
  const directory = await makeFiles(t, "a.jpg", "b.jpg");
  // Before anything else: the browser is told to leave its dialog to the test.
  const choosing = page.waitForEvent("filechooser");
  await page.keyboard.press("Tab");
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Add files");
  await page.keyboard.press("Enter");
  const chooser = await choosing;
  assert.equal(chooser.isMultiple(), true);
  await chooser.setFiles([join(directory, "a.jpg"), join(directory, "b.jpg")]);
  await untilSent("a.jpg", "b.jpg");
  await until(
    async () => server.store.storedCount(),
    (count) => count === 2,
  );
  const { metadata } = [...server.uploads.values()][0]?.intent ?? {};
  assert.deepEqual(metadata, { from: "the page" });
});

test("takes files that are dropped on it", inChromium, async (t) => {
  const { page, drag, untilSent } = await setUp(t);
  const directory = await makeFiles(t, "a.jpg", "b.jpg");
  const files = [join(directory, "a.jpg"), join(directory, "b.jpg")];
  await drag("#zone", { files }, false);
  await page.locator("#zone[data-over]").waitFor();
  await drag("#zone", { files });
  await untilSent("a.jpg", "b.jpg");
  assert.equal(await page.locator("#zone[data-over]").count(), 0);
});

test("takes a folder with all that is in it, but not what the system keeps there", inChromium, async (t) => {
  const many = Array.from({ length: 120 }, (_, index) => `trip/many/${index}.jpg`);
  const { drag, untilSent } = await setUp(t);
  const directory = await makeFiles(
    t,
    "trip/a.jpg",
    "trip/day 1/b.jpg",
    "trip/.DS_Store",
    "trip/Thumbs.db",
    ...many,
  );
  await drag("#zone", { files: [join(directory, "trip")] });
  await untilSent("a.jpg", "b.jpg", ...many.map((path) => path.slice("trip/many/".length)));
});

test("keeps the page where files miss it", inChromium, async (t) => {
  const { page, call, drag, untilSent, origin } = await setUp(t);
  const directory = await makeFiles(t, "a.jpg", "b.jpg");
  await drag("#below", { files: [join(directory, "a.jpg")] }, false);
  // Else the browser would open the file in the page's place; without a window it does not.
  assert.deepEqual(await call("overAnswer"), [true, "none"]);
  await drag("#field", { files: [join(directory, "a.jpg")] });
  // What comes after it comes alone.
  await drag("#zone", { files: [join(directory, "b.jpg")] });
  await untilSent("b.jpg");
  assert.equal(page.url(), `${origin}/`);
});

test("takes files that are dropped anywhere, where the whole page is its area", inChromium, async (t) => {
  const { drag, untilSent } = await setUp(t, { area: "page" });
  const directory = await makeFiles(t, "a.jpg");
  await drag("#field", { files: [join(directory, "a.jpg")] });
  await untilSent("a.jpg");
});

test("leaves text that is dragged to the page", inChromium, async (t) => {
  const { page, call, drag, sentNames } = await setUp(t, { area: "page" });
  await drag("#field", { items: [{ mimeType: "text/plain", data: "some words" }] }, false);
  assert.equal((await call<[boolean]>("overAnswer"))[0], false);
  await drag("#field", { items: [{ mimeType: "text/plain", data: "some words" }] });
  await until(
    () => page.inputValue("#field"),
    (value) => value === "some words",
  );
  assert.deepEqual(await sentNames(), []);
});

test("takes nothing while it is disabled, and still keeps the page", inChromium, async (t) => {
  const tab = await setUp(t, { disabled: true });
  const { page, server, call, drag, untilSent, origin } = tab;
  const directory = await makeFiles(t, "a.jpg", "b.jpg");
  await drag("#zone", { files: [join(directory, "a.jpg")] });
  assert.equal(await paste(tab, "body", ["image.png"]), false);
  assert.equal(await page.getByRole("button", { name: "Add files" }).isDisabled(), true);
  await call("mount", { server: server.url, isSame: true });
  await drag("#zone", { files: [join(directory, "b.jpg")] });
  await untilSent("b.jpg");
  assert.equal(page.url(), `${origin}/`);
});

test("takes one file only where it is told so", inChromium, async (t) => {
  const { drag, untilSent } = await setUp(t, { multiple: false });
  const directory = await makeFiles(t, "a.jpg", "b.jpg");
  await drag("#zone", { files: [join(directory, "a.jpg"), join(directory, "b.jpg")] });
  await untilSent("a.jpg");
});

test("takes a pasted picture, and gives it a name", inChromium, async (t) => {
  const tab = await setUp(t);
  assert.equal(await paste(tab, "body", ["image.png"]), true);
  const [name] = await until(tab.sentNames, (names) => names.length === 1);
  assert.match(name ?? "", /^Pasted \d{4}-\d\d-\d\d at \d\d\.\d\d\.\d\d\.png$/);
});

test("takes copied files under their own names, also into a field", inChromium, async (t) => {
  const tab = await setUp(t);
  assert.equal(await paste(tab, "#field", ["holiday.png"]), true);
  await tab.untilSent("holiday.png");
});

test("leaves text that is pasted into a field, whatever picture comes with it", inChromium, async (t) => {
  const tab = await setUp(t);
  assert.equal(await paste(tab, "#field", ["image.png"], "a cell of a table"), false);
  assert.deepEqual(await tab.sentNames(), []);
});
