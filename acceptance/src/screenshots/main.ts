/**
 * `npm run screenshots`: starts a server, signs somebody up, uploads, and takes every screen at three widths in both
 * themes. Into `screenshots/`, which git ignores, with the photographs of `STOWAGE_CORPUS` where it is set.
 * `npm run screenshots -- --docs`: those that the docs show, into `docs/screenshots/`, with pictures made by a script.
 */
import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Browser, BrowserContextOptions } from "playwright-core";
import sharp from "sharp";
import { launchChromium } from "../harness/chromium.ts";
import { freePortPair } from "../harness/free-ports.ts";
import { layOutMadePictures, layOutPhotographs } from "../harness/photographs.ts";
import { checkoutDir, makeFolder, removeFolder } from "../harness/run-cli.ts";
import { startServer } from "../harness/start-server.ts";
import { filesHost, pageHost } from "../harness/start-tls-proxy.ts";
import { walkAlbums } from "../harness/web-album-screens.ts";
import { openVisitor, type Visitor } from "../harness/web-page.ts";
import { type Look, walkSignedIn, walkSignedOut } from "../harness/web-screens.ts";

const sizes = [
  { width: 390, height: 844 },
  { width: 768, height: 1024 },
  { width: 1440, height: 900 },
] as const;
const themes = ["light", "dark"] as const;

/** What the docs show: a screen at a width in a theme. */
const shownInDocs: ReadonlySet<string> = new Set([
  "signed-out-1440-light",
  "sign-up-390-light",
  "uploading-1440-light",
  "files-1440-light",
  "files-1440-dark",
  "files-390-dark",
  "viewer-1440-dark",
  "viewer-390-light",
  "versions-1440-dark",
  "trash-768-light",
  "camera-390-light",
]);

const account = { name: "Ada Quay", email: "ada@example.com", password: "four words that differ" };
const visitorOptions: BrowserContextOptions = { timezoneId: "UTC", viewport: { width: 1440, height: 900 } };

const { values } = parseArgs({
  options: {
    docs: { type: "boolean", default: false },
    /** Only screens whose file name has this in it: `files-1440`. */
    only: { type: "string", default: "" },
  },
});
const target = join(checkoutDir, values.docs ? "docs/screenshots" : "screenshots");

/** Takes the page as it is now at every size and in both themes. */
const photographer =
  ({ page }: Visitor): Look =>
  async (screen) => {
    const session = await page.context().newCDPSession(page);
    for (const size of sizes)
      for (const theme of themes) {
        const name = `${screen}-${size.width}-${theme}`;
        if (!name.includes(values.only) || (values.docs && !shownInDocs.has(name))) continue;
        await page.setViewportSize(size);
        // Phones and tablets lay their scrollbars over the page.
        const mobile = size.width < 1000;
        await session.send("Emulation.setDeviceMetricsOverride", { ...size, deviceScaleFactor: 1, mobile });
        await page.emulateMedia({ colorScheme: theme });
        await page.evaluate(() => window.scrollTo(0, 0));
        await waitForPictures(page);
        const png = await page.screenshot({ animations: "disabled", caret: "hide" });
        if (values.docs)
          await writeFile(
            join(target, `${name}.webp`),
            await sharp(png).webp({ quality: 80, effort: 6 }).toBuffer(),
          );
        else await writeFile(join(target, `${name}.png`), png);
      }
    await session.detach();
    await page.setViewportSize({ width: 1440, height: 900 });
  };

/** Another width may want other pictures than those that were there. */
async function waitForPictures(page: Visitor["page"]): Promise<void> {
  await page.waitForLoadState("networkidle");
  await page.waitForFunction(() =>
    [...document.images].every((image) => {
      const { top, bottom, width } = image.getBoundingClientRect();
      return width === 0 || bottom < 0 || top > window.innerHeight || image.complete;
    }),
  );
  await page.evaluate(() => document.fonts.ready);
}

async function takeAll(browser: Browser, folder: string): Promise<void> {
  const server = await startServer();
  try {
    const stranger = await openVisitor(browser, visitorOptions);
    await walkSignedOut(stranger, server, photographer(stranger));
    await stranger.context.close();
    const laidOut = await (values.docs ? layOutMadePictures(folder) : layOutPhotographs(folder));
    // The newest come first.
    const photographs = laidOut.toReversed();
    const visitor = await openVisitor(browser, visitorOptions);
    await walkSignedIn(visitor, server, { account, photographs, sentBeforeLook: 12 }, photographer(visitor));
    const guestOf = { browser, options: visitorOptions };
    await walkAlbums(visitor, guestOf, server, photographs.slice(0, 9), photographer);
    await visitor.context.close();
  } finally {
    await server.stop();
  }
}

/** The notice of a page on plain http beyond loopback. */
async function takeInsecure(browser: Browser): Promise<void> {
  const port = await freePortPair();
  const server = await startServer({
    port,
    args: [
      "--insecure-http",
      "--set",
      "scanner=none",
      "--public-url",
      `http://${pageHost}:${port}`,
      "--bucket-url",
      `http://${filesHost}:${port + 1}`,
    ],
  });
  try {
    const visitor = await openVisitor(browser, visitorOptions);
    await visitor.page.goto(server.web);
    await visitor.page.getByRole("heading").first().waitFor();
    await photographer(visitor)("insecure");
    await visitor.context.close();
  } finally {
    await server.stop();
  }
}

if (!values.docs && values.only === "") await rm(target, { recursive: true, force: true });
await mkdir(target, { recursive: true });
const folder = await makeFolder("screenshots");
const browser = await launchChromium({ hosts: { [pageHost]: "127.0.0.1", [filesHost]: "127.0.0.1" } });
try {
  await takeAll(browser, folder);
  if (!values.docs) await takeInsecure(browser);
} finally {
  await browser.close();
  await removeFolder(folder);
}
process.stderr.write(`Screens are in ${target}.\n`);
