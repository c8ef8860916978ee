import type { Photograph } from "./photographs.ts";
import { uploadToEnd } from "./upload.ts";
import { waitFor } from "./wait-for.ts";
import { failedRequests } from "./watched-page.ts";
import {
  type Account,
  action,
  apiOf,
  fileList,
  fileTile,
  fillSignUp,
  newAccount,
  type PickedFile,
  pickFiles,
  readFileNames,
  uploadLine,
  uploadPanel,
  type Visitor,
  viewer,
  waitUntilSignedIn,
  waitUntilSignedOut,
} from "./web-page.ts";

/** What is done with each screen, once it stands still. */
export type Look = (screen: string) => Promise<void>;

/** Where the screens are: a server that lets strangers sign up. */
export interface Site {
  readonly web: string;
  readonly api: string;
  readonly bucket: string;
}

/** Screens of somebody who is not signed in. */
export async function walkSignedOut({ page, watch }: Visitor, { web }: Site, look: Look): Promise<void> {
  await page.goto(web);
  await waitUntilSignedOut(page);
  await look("signed-out");
  await page.goto(`${web}/?sign-in=failed`);
  await waitUntilSignedOut(page);
  await look("sign-in-failed");

  await page.goto(web);
  await action(page, "Sign in").first().click();
  await page.getByLabel("Password", { exact: true }).waitFor();
  await look("sign-in");
  await page.getByLabel("E-mail address").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill("a wrong password indeed");
  const stop = watch.expect(/status of 4\d\d .*\/oidc\//);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").waitFor();
  await look("sign-in-refused");

  await page.goto(web);
  await action(page, "Create account").first().click();
  await page.getByLabel("Password again").waitFor();
  await look("sign-up");
  await page.getByLabel("E-mail address").fill("ada@example.com");
  await page.getByLabel("Password", { exact: true }).fill("one password of mine");
  await page.getByLabel("Password again").fill("another password of mine");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("alert").waitFor();
  await look("sign-up-refused");
  await page.goto(`${web}/oidc/auth?client_id=nobody`);
  await page.getByRole("heading").first().waitFor();
  await look("issuer-error");
  stop();
}

export interface SignedInOptions {
  readonly account?: Account;
  readonly photographs: readonly Photograph[];
  /** As many go to the store before the uploads are looked at. Default 0. */
  readonly sentBeforeLook?: number;
}

/** A text that says it is a photograph. */
const liar = {
  name: "holiday.jpg",
  mimeType: "image/jpeg",
  buffer: Buffer.from("no photograph ".repeat(60)),
};

/** Screens and states of somebody who signs up, uploads and tidies up. */
export async function walkSignedIn(
  visitor: Visitor,
  site: Site,
  options: SignedInOptions,
  look: Look,
): Promise<void> {
  const { page } = visitor;
  await page.goto(site.web);
  await action(page, "Create account").first().click();
  await fillSignUp(page, options.account ?? newAccount());
  await waitUntilSignedIn(page);
  await look("no-files");
  await walkUploads(visitor, site, options, look);
  await walkFiles(visitor, site, options, look);
  await walkTroubles(visitor, site, look);
}

async function walkUploads(
  { page, context }: Visitor,
  { bucket }: Site,
  { photographs, sentBeforeLook = 0 }: SignedInOptions,
  look: Look,
): Promise<void> {
  const origin = new URL(bucket).origin;
  const held: (() => Promise<void>)[] = [];
  let sent = 0;
  let isOpen = false;
  await context.route(
    (url) => url.origin === origin,
    async (route) => {
      const isPut = route.request().method() === "PUT";
      if (isPut && !isOpen && sent >= sentBeforeLook) held.push(() => route.continue());
      else {
        if (isPut) sent += 1;
        await route.continue();
      }
    },
  );
  await pickFiles(page, [
    liar,
    ...photographs.map(({ name, bytes }) => ({ name, mimeType: "image/jpeg", buffer: bytes })),
  ]);
  await uploadPanel(page)
    .getByText(/Sending/)
    .first()
    .waitFor();
  if (sentBeforeLook > 0) {
    await uploadLine(page, liar.name).filter({ hasText: "Rejected: " }).waitFor();
    await waitFor("those that were sent to be ready", async () => {
      const ready = await uploadPanel(page).getByRole("listitem").filter({ hasText: "Ready" }).count();
      return ready >= sentBeforeLook - 1;
    });
  }
  await look("uploading");
  isOpen = true;
  for (const go of held) await go();
  for (const { name } of photographs.slice(-1)) await fileTile(page, name).waitFor({ timeout: 90_000 });
  await uploadLine(page, liar.name).filter({ hasText: "Rejected: " }).waitFor();
  await waitFor(
    "all to end",
    async () =>
      (await uploadPanel(page)
        .getByText(/Waiting|Sending|Checking/)
        .count()) === 0,
  );
  await context.unrouteAll({ behavior: "wait" });
  await look("uploaded");
}

async function walkFiles(
  visitor: Visitor,
  site: Site,
  { photographs }: SignedInOptions,
  look: Look,
): Promise<void> {
  const { page } = visitor;
  const { web } = site;
  const isShown = (within: ReturnType<typeof viewer>, widerThan: number) =>
    waitFor("pictures to be shown", () =>
      within
        .locator("img")
        .evaluateAll(
          (all, width) =>
            all.length > 0 &&
            (all as HTMLImageElement[]).some(
              ({ complete, naturalWidth }) => complete && naturalWidth > width,
            ),
          widerThan,
        ),
    );
  await page.goto(web);
  // Of a long list only what is near the window is on the page: those at its head are taken.
  await fileList(page).getByRole("listitem").first().waitFor();
  const [name = "", ...others] = await readFileNames(page);
  await isShown(page.getByRole("main"), 0);
  await page.waitForLoadState("networkidle");
  await look("files");
  await fileTile(page, name).click();
  await viewer(page, name).waitFor();
  await isShown(viewer(page, name), 320);
  await look("viewer");
  await action(viewer(page, name), "Rename").click();
  await page.getByRole("textbox", { name: /name/i }).waitFor();
  await look("rename");

  await page.keyboard.press("Escape");
  await walkVersions(visitor, site, { name, next: photographs.slice(0, 2) }, look);
  await page.keyboard.press("Escape");
  await viewer(page).waitFor({ state: "hidden" });
  for (const other of others.slice(0, 3)) {
    await fileTile(page, other).click();
    await action(viewer(page, other), "Move to trash").click();
    await viewer(page, other).waitFor({ state: "hidden" });
    await page.keyboard.press("Escape");
    await waitFor("it to leave the list", async () => (await fileTile(page, other).count()) === 0);
  }
  await page.getByRole("link", { name: "Trash", exact: true }).click();
  const inTrash = page.getByRole("main").getByRole("listitem");
  await inTrash.nth(2).waitFor();
  await page.waitForLoadState("networkidle");
  await look("trash");
  const confirmation = page.getByRole("dialog").or(page.getByRole("alertdialog"));
  for (let left = 3; left > 0; left -= 1) {
    await action(inTrash.first(), /^Delete for good/).click();
    await confirmation.waitFor();
    if (left === 3) await look("delete-for-good");
    await action(confirmation, "Delete for good").click();
    await waitFor("it to leave the trash", async () => (await inTrash.count()) < left);
  }
  await look("trash-empty");
}

/** Of the file that is open, which gets two versions more: one takes its place, the other is kept beside it. */
async function walkVersions(
  { page }: Visitor,
  { api }: Site,
  { name, next: [second, third] }: { readonly name: string; readonly next: readonly Photograph[] },
  look: Look,
): Promise<void> {
  if (!second || !third) throw new Error("There is nothing to replace the file by.");
  const fileId = new URL(page.url()).pathname.split("/").at(-1) ?? "";
  await action(viewer(page, name), "Versions").click();
  const panel = page.getByRole("complementary", { name: "Versions" });
  const replace = async (file: PickedFile) => {
    const chosen = page.waitForEvent("filechooser");
    await action(panel, "Replace with a new version").click();
    await (await chosen).setFiles(file);
  };
  await replace(liar);
  await panel.getByText("It did not become a version.").waitFor();
  await look("version-refused");
  await replace({ name: second.name, mimeType: "image/jpeg", buffer: second.bytes });
  await panel.getByText("Version 2").waitFor();
  const crossing = { name: third.name, contentType: "image/jpeg", replaces: { fileId, version: 1 } };
  await uploadToEnd(await apiOf(page, api), third.bytes, crossing);
  await page.reload();
  await action(viewer(page, name), "See versions").waitFor();
  await look("conflict");
  await action(viewer(page, name), "See versions").click();
  await panel.getByText("Version 3").waitFor();
  await page.waitForLoadState("networkidle");
  await look("versions");
  await action(panel, "Show version 1").click();
  await page.getByText("This is version 1").waitFor();
  await look("old-version");
  await action(panel, "Delete version 1").click();
  const question = page.getByRole("dialog", { name: "Delete version 1 for good?" });
  await question.waitFor();
  await look("delete-version");
  await action(question, "Keep it").click();
}

async function walkTroubles(
  { page, context, watch }: Visitor,
  { web, api }: Site,
  look: Look,
): Promise<void> {
  const stops = [watch.expect(/status of (404|503)/), watch.expect(failedRequests)];
  await page.goto(`${web}/files/0196f000-0000-7000-8000-000000000000`);
  await page.getByText("This file is not here").first().waitFor();
  await look("file-not-found");
  await page.goto(`${web}/no/such/page`);
  await page.getByText("There is nothing at this address").first().waitFor();
  await look("page-not-found");

  await page.goto(web);
  await waitUntilSignedIn(page);
  await page.waitForLoadState("networkidle");
  await context.setOffline(true);
  await page
    .getByText(/offline|no connection/i)
    .first()
    .waitFor();
  await look("offline");
  await context.setOffline(false);
  await page
    .getByText(/offline|no connection/i)
    .first()
    .waitFor({ state: "hidden" });

  await context.route(`${api}/v1/files**`, (route) => route.abort());
  await page.goto(web);
  await action(page, /try again/i)
    .first()
    .waitFor({ timeout: 60_000 });
  await look("error");
  await context.unrouteAll();
  for (const stop of stops) stop();
}
