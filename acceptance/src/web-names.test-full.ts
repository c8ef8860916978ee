import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { test } from "node:test";
import { listAll } from "./harness/files.ts";
import { makeJpeg } from "./harness/images.ts";
import { sha256Of } from "./harness/transfer.ts";
import { action, apiOf, openVisitor, pickFiles, signUp, uploadLine, viewer } from "./harness/web-page.ts";
import { describeWebSuite } from "./harness/web-suite.ts";
import type { StoredFile } from "./harness/wire.ts";

const suite = describeWebSuite();
const { skip } = suite;

const hostile: readonly (readonly [what: string, name: string])[] = [
  ["HTML", `<img src=x onerror="window.pwned=1">.jpg`],
  ["a script", `"><script>window.pwned=1</script>.jpg`],
  ["an override of direction", "holiday\u202Egpj.exe.jpg"],
  ["a template", "{{constructor.constructor('window.pwned=1')()}}.jpg"],
  ["emoji", "👩‍👩‍👧‍👦 🏝️.jpg"],
  ["leading dots", "...hidden.jpg"],
  ["a way up", "../../etc/passwd.jpg"],
  ["quotes and line ends", `a"b'c;d%22\te.jpg`],
  ["many words", `${"long ".repeat(40).trim()}.jpg`],
  ["no spaces at all", `${"x".repeat(200)}.jpg`],
];

test("names that mean harm are shown as text, and come down under names that do none", { skip }, async () => {
  const { context, page, watch } = await openVisitor(suite.browser);
  await signUp(page, suite.server.web);
  const files = new Map<string, Buffer>();
  for (const [, name] of hostile) files.set(name, await makeJpeg({ width: 200, height: 150 }));
  await pickFiles(
    page,
    [...files].map(([name, buffer]) => ({ name, mimeType: "image/jpeg", buffer })),
  );
  const region = page.getByRole("list", { name: "Files", exact: true }).getByRole("listitem");
  await region.nth(hostile.length - 1).waitFor({ timeout: 60_000 });
  assert.equal(await page.evaluate(() => Object.hasOwn(window, "pwned")), false);

  const api = await apiOf(page, suite.server.api);
  const stored = await listAll<StoredFile>(api, "/v1/files");
  assert.equal(stored.length, hostile.length);
  for (const file of stored) {
    const [what] = hostile.find(([, name]) => sha256Of(files.get(name) ?? Buffer.of()) === file.sha256) ?? [];
    assert.ok(what);
    await page.goto(`${suite.server.web}/files/${file.id}`);
    // It opens before it is known what is in it.
    await viewer(page).getByRole("heading").first().waitFor();
    const shown = await viewer(page).evaluate((element) => element.textContent ?? "");
    assert.ok(shown.includes(file.name), `${what}: shown as ${shown.slice(0, 200)}`);
    // A name must not run into what stands beside it, nor turn it round.
    const isIsolated = await viewer(page).evaluate((element, name) => {
      const named = [...element.querySelectorAll("*")].filter(
        (each) => each.childElementCount === 0 && each.textContent === name,
      );
      return (
        named.length > 0 &&
        named.every((each) =>
          ["isolate", "isolate-override", "plaintext"].includes(getComputedStyle(each).unicodeBidi),
        )
      );
    }, file.name);
    assert.ok(isIsolated, `${what}: the name is not isolated from the text around it`);
    const downloading = page.waitForEvent("download");
    await action(viewer(page), "Download").click();
    const download = await downloading;
    const name = download.suggestedFilename();
    assert.equal(basename(name), name, what);
    assert.doesNotMatch(name, /^[.-]|[\p{Cc}\p{Bidi_Control}/\\]/u, `${what}: ${name}`);
    assert.match(name, /\.jpg$/, `${what}: ${name} of ${download.url()}`);
    assert.equal(sha256Of(await readFile(await download.path())), file.sha256, what);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    assert.ok(overflow <= 0, `${what}: makes the page ${overflow} pixels too wide`);
  }
  assert.equal(await page.evaluate(() => Object.hasOwn(window, "pwned")), false);
  watch.assertClean();
  await context.close();
});

test("a name of four kilobytes fails with a sentence, and takes nothing else with it", { skip }, async () => {
  const { context, page, watch } = await openVisitor(suite.browser);
  await signUp(page, suite.server.web);
  // Chromium says of every refused create that it was.
  watch.expect(/status of 4\d\d .*\/v1\/uploads/);
  await pickFiles(page, [
    { name: `${"n".repeat(4096)}.jpg`, mimeType: "image/jpeg", buffer: await makeJpeg() },
    { name: "sound.jpg", mimeType: "image/jpeg", buffer: await makeJpeg() },
  ]);
  await uploadLine(page, "sound.jpg").filter({ hasText: "Ready" }).waitFor();
  await uploadLine(page, "nnnn")
    .filter({ hasText: /(Failed|Rejected): .+/ })
    .waitFor();
  watch.assertClean();
  await context.close();
});
