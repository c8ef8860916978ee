import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { listAll } from "./harness/files.ts";
import { layOutPhotographs, type Photograph } from "./harness/photographs.ts";
import { canSeeProcesses, readTransferredBytes } from "./harness/processes.ts";
import { readDevice } from "./harness/read-device.ts";
import { makeFolder, removeFolder } from "./harness/run-cli.ts";
import { sha256Of } from "./harness/transfer.ts";
import { waitFor } from "./harness/wait-for.ts";
import { readLayoutShifts, watchLayout } from "./harness/watched-page.ts";
import {
  action,
  apiOf,
  dropFiles,
  fileList,
  fileTile,
  openVisitor,
  readFileNames,
  readUploadStates,
  signUp,
  uploadLine,
  uploadPanel,
  type Visitor,
  viewer,
  watchUploadStates,
} from "./harness/web-page.ts";
import { describeWebSuite } from "./harness/web-suite.ts";
import type { StoredFile } from "./harness/wire.ts";

const suite = describeWebSuite();
const { skip } = suite;
/** A text that says it is a photograph. */
const liar = "holiday.jpg";

let folder: string;
let photographs: readonly Photograph[];
let visitor: Visitor;

suite.prepare(async () => {
  folder = await makeFolder("first-visit");
  photographs = await layOutPhotographs(folder);
  await writeFile(join(folder, liar), "Dear diary, today nothing happened. ".repeat(40));
  visitor = await openVisitor(suite.browser);
});
after(async () => {
  if (!skip) await removeFolder(folder);
});

test("somebody signs up, drops thirty photographs and a lie, and sees what becomes of each", {
  skip,
}, async () => {
  const { page, watch } = visitor;
  await signUp(page, suite.server.web);
  watch.assertClean();

  const names = [...photographs.map(({ name }) => name), liar];
  await watchUploadStates(page, names);
  const apiProcess = suite.server.process("api");
  assert.ok(!canSeeProcesses || apiProcess !== undefined, "no process listens on the API's port");
  const before = apiProcess === undefined ? undefined : readTransferredBytes(apiProcess);
  await dropFiles(page, [...photographs.map(({ path }) => path), join(folder, liar)]);
  await uploadPanel(page).waitFor();
  const states = await waitFor(
    "every file to end",
    async () => {
      const seen = await readUploadStates(page);
      const ended = [...seen.values()].filter((words) => /Ready|Rejected|Failed/.test(words.at(-1) ?? ""));
      return ended.length === names.length && seen;
    },
    { timeoutMs: 120_000, everyMs: 200 },
  );
  for (const { name } of photographs)
    assert.equal(states.get(name)?.at(-1), "Ready", `${name}: ${states.get(name)}`);
  assert.equal(states.get(liar)?.at(-1), "Rejected");
  const shown = new Set([...states.values()].flat());
  for (const word of ["Sending", "Checking"])
    assert.ok(shown.has(word), `nobody ever saw "${word}": ${[...shown]}`);
  // Why, in a sentence.
  assert.match((await uploadLine(page, liar).textContent()) ?? "", /Rejected: \p{Lu}.{15,}\./u);

  const { api, bucket } = suite.server;
  const sent = photographs.reduce((bytes, photograph) => bytes + photograph.bytes.length, 0);
  const bodies = watch.requests.filter(({ origin }) => origin === new URL(api).origin);
  assert.ok(bodies.length > 0);
  assert.ok(
    bodies.every(({ bodyBytes }) => bodyBytes < 40_000),
    "content was sent to the API's origin",
  );
  const puts = watch.requests.filter(({ method }) => method === "PUT");
  assert.deepEqual([...new Set(puts.map(({ origin }) => origin))], [new URL(bucket).origin]);
  assert.ok(puts.length >= photographs.length);
  if (before !== undefined && apiProcess !== undefined) {
    const { readBytes } = readTransferredBytes(apiProcess);
    assert.ok(
      readBytes - before.readBytes < sent / 2,
      `the API read ${readBytes - before.readBytes} of ${sent}`,
    );
  }
  watch.assertClean();
});

test("after a reload all thirty are there, and nothing moves while their pictures arrive", {
  skip,
}, async () => {
  const { page, watch, context } = visitor;
  const files = await listAll<StoredFile>(await apiOf(page, suite.server.api), "/v1/files");
  assert.equal(files.length, photographs.length);
  const bucket = new URL(suite.server.bucket).origin;
  // Each picture comes late, so that whatever it would push aside is there.
  await context.route(
    (url) => url.origin === bucket,
    async (route) => {
      await page.waitForTimeout(150);
      await route.continue();
    },
  );
  await page.reload();
  await fileList(page).getByRole("listitem").first().waitFor();
  await watchLayout(page);
  await waitFor("the thumbnails in sight to be shown", async () => {
    const images = await fileList(page)
      .locator("img")
      .evaluateAll((all) =>
        (all as HTMLImageElement[])
          .filter((image) => {
            const { top, bottom } = image.getBoundingClientRect();
            return top < window.innerHeight && bottom > 0;
          })
          .map(({ currentSrc, complete, naturalWidth }) => ({
            currentSrc,
            shown: complete && naturalWidth > 0,
          })),
      );
    // Some are kept on this device by now.
    const pictures = images.filter(
      ({ currentSrc }) => /^blob:/.test(currentSrc) || currentSrc.startsWith(bucket),
    );
    return pictures.length >= 6 && images.every(({ shown }) => shown);
  });
  const names = await readFileNames(page);
  await context.unroute(() => true);
  await context.unrouteAll({ behavior: "wait" });
  assert.deepEqual([...names].sort(), photographs.map(({ name }) => name).sort());
  const shifts = await readLayoutShifts(page);
  assert.ok(shifts.sum < 0.01, `things moved by ${shifts.sum}: ${shifts.worst}`);
  watch.assertClean();
});

test("a photograph opens, and comes down as it went up", { skip }, async () => {
  const { page, watch } = visitor;
  for (const name of [...(await readFileNames(page))].slice(0, 3)) {
    const original = photographs.find((photograph) => photograph.name === name);
    assert.ok(original);
    await fileTile(page, name).click();
    const open = viewer(page, name);
    await open.waitFor();
    await waitFor("the picture to be shown", () =>
      open
        .locator("img")
        .evaluateAll((all) =>
          (all as HTMLImageElement[]).some(({ complete, naturalWidth }) => complete && naturalWidth > 320),
        ),
    );
    const downloading = page.waitForEvent("download");
    await action(open, "Download").click();
    const download = await downloading;
    assert.equal(download.suggestedFilename(), name);
    assert.equal(sha256Of(await readFile(await download.path())), original.sha256, name);
    await action(open, "Close").click();
    await open.waitFor({ state: "hidden" });
  }
  watch.assertClean();
});

test("the viewer goes to the next and the previous one, and an address opens it at once", {
  skip,
}, async () => {
  const { page, watch } = visitor;
  const [first = "", second = ""] = [...(await readFileNames(page))];
  await fileTile(page, first).click();
  await viewer(page, first).waitFor();
  await action(viewer(page, first), "Next").click();
  await viewer(page, second).waitFor();
  await page.keyboard.press("ArrowLeft");
  await viewer(page, first).waitFor();
  assert.match(new URL(page.url()).pathname, /^\/files\/[^/]+$/);
  // Whole, also where the picture is as wide as the window.
  await page.setViewportSize({ width: 700, height: 1000 });
  await waitFor("the picture to be shown whole", () =>
    viewer(page, first)
      .locator("img")
      .evaluateAll((all) =>
        all.some((image) => {
          const { left, right, width } = image.getBoundingClientRect();
          return width > 300 && left >= 0 && right <= document.documentElement.clientWidth;
        }),
      ),
  );
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.reload();
  await viewer(page, first).waitFor();
  await page.keyboard.press("Escape");
  await viewer(page, first).waitFor({ state: "hidden" });
  assert.equal(new URL(page.url()).pathname, "/");
  watch.assertClean();
});

test("a file gets another name, goes to the trash, comes back, and is deleted for good once that is confirmed", {
  skip,
}, async () => {
  const { page, watch } = visitor;
  const [name = ""] = [...(await readFileNames(page))];
  const renamed = "A name of my own.jpg";
  const api = await apiOf(page, suite.server.api);
  const { id } = (await listAll<StoredFile>(api, "/v1/files")).find((file) => file.name === name) ?? {};
  // What is asked for to keep it for reading offline is answered 404, rightly, once it has gone.
  const untilKept = () =>
    waitFor("its pictures to be kept", async () => {
      const { kept } = await readDevice(page);
      return ["thumbnail", "preview"].every((picture) =>
        kept.some(({ fileId, derivative }) => fileId === id && derivative === picture),
      );
    });
  await untilKept();
  await fileTile(page, name).click();
  await action(viewer(page, name), "Rename").click();
  await page.getByRole("textbox", { name: /name/i }).fill(renamed);
  await page.keyboard.press("Enter");
  await viewer(page, renamed).waitFor();
  await action(viewer(page, renamed), "Move to trash").click();
  // Its neighbour is shown in its place.
  await viewer(page, renamed).waitFor({ state: "hidden" });
  await page.keyboard.press("Escape");
  await waitFor("it to leave the list", async () => (await fileTile(page, renamed).count()) === 0);

  await page.getByRole("link", { name: "Trash", exact: true }).click();
  const inTrash = page.getByRole("listitem").filter({ hasText: renamed });
  await action(inTrash, /^Restore/).click();
  await inTrash.waitFor({ state: "hidden" });
  await page.getByRole("link", { name: "Files", exact: true }).click();
  await fileTile(page, renamed).waitFor();

  await fileTile(page, renamed).click();
  // Both have been seen again, in the list and in the viewer.
  await untilKept();
  await action(viewer(page, renamed), "Move to trash").click();
  await viewer(page, renamed).waitFor({ state: "hidden" });
  await page.keyboard.press("Escape");
  await page.getByRole("link", { name: "Trash", exact: true }).click();
  await action(inTrash, /^Delete for good/).click();
  const confirmation = page.getByRole("dialog").or(page.getByRole("alertdialog"));
  await action(confirmation, "Keep").click();
  await inTrash.waitFor();
  await action(inTrash, /^Delete for good/).click();
  await action(confirmation, "Delete for good").click();
  await inTrash.waitFor({ state: "hidden" });
  assert.equal((await listAll<StoredFile>(api, "/v1/files")).length, photographs.length - 1);
  assert.deepEqual(await listAll<StoredFile>(api, "/v1/files?scope=trash"), []);
  watch.assertClean();
});
