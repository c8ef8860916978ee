import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { createKeyboard } from "./harness/keyboard.ts";
import { layOutPhotographs, type Photograph } from "./harness/photographs.ts";
import { makeFolder, removeFolder } from "./harness/run-cli.ts";
import { sha256Of } from "./harness/transfer.ts";
import { waitFor } from "./harness/wait-for.ts";
import {
  fileTile,
  newAccount,
  openVisitor,
  readFileNames,
  uploadLine,
  viewer,
  waitUntilSignedIn,
  waitUntilSignedOut,
} from "./harness/web-page.ts";
import { describeWebSuite } from "./harness/web-suite.ts";

const suite = describeWebSuite();
const { skip } = suite;
const liar = "holiday.jpg";

let folder: string;
let photographs: readonly Photograph[];

suite.prepare(async () => {
  folder = await makeFolder("keyboard");
  photographs = await layOutPhotographs(folder, 6);
  await writeFile(join(folder, liar), "no photograph ".repeat(60));
});
after(async () => {
  if (!skip) await removeFolder(folder);
});

test("everything is done with the keyboard alone, and one always sees where one is", { skip }, async () => {
  const { context, page, watch } = await openVisitor(suite.browser);
  const account = newAccount("Kim");
  await page.goto(suite.server.web);
  await waitUntilSignedOut(page);
  const keyboard = await createKeyboard(page);

  // Sign up.
  await keyboard.tabTo("Create account", { within: 3 });
  await page.keyboard.press("Enter");
  await page.getByLabel("Password again").waitFor();
  await page.getByLabel("Name").first().focus();
  await page.keyboard.type(account.name);
  await keyboard.tabTo(/^E-mail address/);
  await page.keyboard.type(account.email);
  await keyboard.tabTo("Password");
  await page.keyboard.type(account.password);
  await keyboard.tabTo("Password again");
  await page.keyboard.type(account.password);
  await page.keyboard.press("Enter");
  await waitUntilSignedIn(page);

  // Pick files.
  await keyboard.tabTo("Add files", { within: 6 });
  const chosen = page.waitForEvent("filechooser");
  await page.keyboard.press("Enter");
  await (await chosen).setFiles([...photographs.map(({ path }) => path), join(folder, liar)]);
  for (const { name } of photographs) await fileTile(page, name).waitFor();
  await uploadLine(page, liar).filter({ hasText: "Rejected: " }).waitFor();

  // Open one, look at its neighbours, and come back to where one was.
  await page.reload();
  await fileTile(page, photographs[0]?.name ?? "").waitFor();
  const [, , third] = await readFileNames(page);
  const first = photographs.find(({ name }) => name === third);
  assert.ok(first);
  await keyboard.tabTo(new RegExp(`^(${photographs.map(({ name }) => name).join("|")})$`));
  const walked = new Set<string>();
  for (let step = 0; step < 20; step += 1) {
    const { name } = await keyboard.focused();
    walked.add(name);
    if (name === first.name) break;
    await keyboard.press(step < photographs.length ? "ArrowRight" : "Tab");
  }
  assert.ok(walked.has(first.name), `the arrows go to ${[...walked].join(", ")}`);
  await page.keyboard.press("Enter");
  await viewer(page, first.name).waitFor();
  await waitFor("the focus to be in the viewer", () =>
    page.evaluate(() => document.activeElement?.closest("dialog, [role=dialog]") !== null),
  );
  await page.keyboard.press("ArrowRight");
  await viewer(page, first.name).waitFor({ state: "hidden" });
  await page.keyboard.press("ArrowLeft");
  await viewer(page, first.name).waitFor();
  // The focus stays in the dialog however long one goes on.
  for (let step = 0; step < 12; step += 1) {
    await page.keyboard.press("Tab");
    const isInside = await page.evaluate(
      () =>
        document.activeElement === document.body ||
        document.activeElement?.closest("dialog, [role=dialog]") !== null,
    );
    assert.ok(isInside, `Tab leads out of the open file to ${(await keyboard.focused()).name}`);
  }

  // Download.
  await keyboard.tabTo("Download");
  const downloading = page.waitForEvent("download");
  await page.keyboard.press("Enter");
  assert.equal(sha256Of(await readFile(await (await downloading).path())), first.sha256);

  // Rename.
  await keyboard.tabTo("Rename");
  await page.keyboard.press("Enter");
  const field = page.getByRole("textbox", { name: /name/i });
  await field.waitFor();
  await waitFor("the focus to be in the field", () =>
    field.evaluate((element) => element === document.activeElement),
  );
  await page.keyboard.press("Control+A");
  await page.keyboard.type("By hand.jpg");
  await page.keyboard.press("Enter");
  await viewer(page, "By hand.jpg").waitFor();

  await page.keyboard.press("Escape");
  await viewer(page).waitFor({ state: "hidden" });
  const back = await waitFor("the focus to come back to the file", async () => {
    const focused = await keyboard.focused();
    return focused.name === "By hand.jpg" && focused;
  });
  assert.ok(back.isVisible && back.isInSight);

  // Trash and restore.
  await page.keyboard.press("Enter");
  await viewer(page, "By hand.jpg").waitFor();
  await keyboard.tabTo("Move to trash");
  await page.keyboard.press("Enter");
  await waitFor("it to leave the list", async () => (await fileTile(page, "By hand.jpg").count()) === 0);
  await page.keyboard.press("Escape");
  await viewer(page).waitFor({ state: "hidden" });
  await keyboard.tabTo("Trash", { backwards: true });
  await page.keyboard.press("Enter");
  await page.getByText("By hand.jpg").first().waitFor();
  await keyboard.tabTo(/^Restore/);
  await page.keyboard.press("Enter");
  await waitFor(
    "it to leave the trash",
    async () => (await page.getByRole("button", { name: /^Restore/ }).count()) === 0,
  );
  assert.notEqual((await keyboard.focused()).name, "", "the focus went with the file");
  await keyboard.tabTo("Files", { backwards: true });
  await page.keyboard.press("Enter");
  await fileTile(page, "By hand.jpg").waitFor();

  // Sign out.
  await keyboard.tabTo("Account", { backwards: true });
  await page.keyboard.press("Enter");
  await keyboard.tabTo("Sign out");
  await page.keyboard.press("Enter");
  await waitUntilSignedOut(page);
  watch.assertClean();
  await keyboard.close();
  await context.close();
});
