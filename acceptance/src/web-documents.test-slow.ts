import assert from "node:assert/strict";
import { test } from "node:test";
import { makePdf } from "./harness/documents.ts";
import { action, openVisitor, pickFiles, signUp, viewer } from "./harness/web-page.ts";
import { describeWebSuite } from "./harness/web-suite.ts";

const suite = describeWebSuite();
const { skip } = suite;

test("a document shows its first page in the grid and when it is opened, and how many it has", {
  skip,
}, async () => {
  const { context, page, watch } = await openVisitor(suite.browser);
  await signUp(page, suite.server.web);
  await pickFiles(page, [{ name: "report.pdf", mimeType: "application/pdf", buffer: makePdf(3) }]);
  const tile = page.getByRole("list", { name: "Files", exact: true }).getByRole("listitem");
  await tile.locator('[data-state="shown"] img').waitFor({ timeout: 60_000 });
  const { naturalWidth, naturalHeight } = await tile
    .locator("img")
    .evaluate(({ naturalWidth, naturalHeight }: HTMLImageElement) => ({ naturalWidth, naturalHeight }));
  assert.deepEqual([naturalWidth, naturalHeight], [247, 320]);

  await tile.getByRole("link").click();
  await viewer(page).locator('[data-state="shown"] img:not([alt=""])').waitFor({ timeout: 30_000 });
  const shown = viewer(page).getByRole("img", { name: "report.pdf, page 1" });
  assert.equal(await shown.evaluate(({ naturalHeight }: HTMLImageElement) => naturalHeight), 1600);
  await action(viewer(page), "Details").click();
  await viewer(page).getByText("Pages").waitFor();
  const details = await viewer(page).getByRole("complementary", { name: "Details" }).innerText();
  assert.match(details, /Pages\s+3/);
  if (process.env.STOWAGE_LOOK) await page.screenshot({ path: process.env.STOWAGE_LOOK });
  watch.assertClean();
  await context.close();
});
