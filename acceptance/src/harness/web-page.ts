import { randomUUID } from "node:crypto";
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from "playwright-core";
import { type Api, createApi } from "./api-client.ts";
import { waitFor } from "./wait-for.ts";
import { type Watch, watchPages } from "./watched-page.ts";

/** What somebody signs up and in with. */
export interface Account {
  readonly name: string;
  readonly email: string;
  readonly password: string;
}

export function newAccount(name = "Ada Quay"): Account {
  const slug = name.toLowerCase().replaceAll(/[^a-z]+/g, "-");
  return {
    name,
    email: `${slug}-${randomUUID().slice(0, 8)}@example.test`,
    password: `${randomUUID()} correct horse`,
  };
}

/** A browser of somebody's own: its cookies and storage are shared with no other. */
export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly watch: Watch;
}

/** Default: 1280 × 900 pixels, no animations, English. */
export async function openVisitor(browser: Browser, options: BrowserContextOptions = {}): Promise<Visitor> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 900 },
    reducedMotion: "reduce",
    locale: "en-GB",
    acceptDownloads: true,
    ...options,
  });
  context.setDefaultTimeout(30_000);
  const watch = await watchPages(context);
  const page = await context.newPage();
  // Chromium is told to leave its dialog to the tests at the first listener, and not at once: what is pressed right after
  // that would open a dialog which nobody ever sees.
  page.on("filechooser", () => undefined);
  return { context, page, watch };
}

/** What looks and acts like a button, be it a link. */
export const action = (within: Page | Locator, name: string | RegExp): Locator =>
  within.getByRole("button", { name, exact: true }).or(within.getByRole("link", { name, exact: true }));

/** The list of files, and one of them. */
export const fileList = (page: Page): Locator => page.getByRole("list", { name: "Files", exact: true });
export const fileTile = (page: Page, name: string): Locator => action(fileList(page), name);

/** What is being uploaded, and the line of one file. */
export const uploadPanel = (page: Page): Locator => page.getByRole("region", { name: "Uploads" });
export const uploadLine = (page: Page, name: string): Locator =>
  uploadPanel(page).getByRole("listitem").filter({ hasText: name });

/** The file that is open. */
export const viewer = (page: Page, name?: string): Locator =>
  page.getByRole("dialog", name === undefined ? {} : { name, exact: true });

/** Fills in the issuer's form, wherever the page is now, and sends it. */
export async function fillSignUp(page: Page, account: Account): Promise<void> {
  await page.getByLabel("Name", { exact: false }).first().fill(account.name);
  const email = page.getByLabel("E-mail address");
  // By a link that is for one address, it can't be changed.
  if (await email.isEditable()) await email.fill(account.email);
  await page.getByLabel("Password", { exact: true }).fill(account.password);
  await page.getByLabel("Password again").fill(account.password);
  await page.getByRole("button", { name: "Create account" }).click();
}

export async function fillSignIn(page: Page, { email, password }: Account): Promise<void> {
  await page.getByLabel("E-mail address").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

/** The page has come back from the issuer and shows somebody's files, or that there are none. */
export const waitUntilSignedIn = (page: Page): Promise<void> =>
  action(page, "Add files").first().waitFor({ timeout: 30_000 });

export const waitUntilSignedOut = (page: Page): Promise<void> => action(page, "Sign in").first().waitFor();

export async function signUp(page: Page, web: string, account = newAccount()): Promise<Account> {
  await page.goto(web);
  await action(page, "Create account").first().click();
  await fillSignUp(page, account);
  await waitUntilSignedIn(page);
  return account;
}

export async function signIn(page: Page, web: string, account: Account): Promise<void> {
  await page.goto(web);
  await action(page, "Sign in").first().click();
  await fillSignIn(page, account);
  await waitUntilSignedIn(page);
}

/** Leaves the page at whatever comes after a sign-out. */
export async function signOut(page: Page): Promise<void> {
  await pressSignOut(page);
  await waitUntilSignedOut(page);
}

export async function pressSignOut(page: Page): Promise<void> {
  await action(page, "Account").click();
  await action(page, "Sign out").click();
}

/** A file as a person picks it. */
export interface PickedFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** Picks files with the system's dialog. */
export async function pickFiles(page: Page, files: readonly PickedFile[] | readonly string[]): Promise<void> {
  const chosen = page.waitForEvent("filechooser");
  await action(page, "Add files").first().click();
  await (await chosen).setFiles(files as string[] | PickedFile[]);
}

/** Drops files of the disk in the middle of the page, by the same events as a person's mouse. */
export async function dropFiles(page: Page, paths: readonly string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const { width, height } = page.viewportSize() ?? { width: 800, height: 600 };
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  await page.evaluate(() => {
    const dropped = () => Object.assign(window, { hasDropped: true });
    Object.assign(window, { hasDropped: false });
    addEventListener("drop", dropped, { once: true, capture: true });
  });
  // Chromium loses a drop of its debugger now and then: the page hears of what is over it, and of nothing after that.
  await waitFor("the drop to reach the page", async () => {
    for (const type of ["dragEnter", "dragOver", "drop"] as const)
      await session.send("Input.dispatchDragEvent", { type, x: width / 2, y: height / 2, data });
    return page
      .waitForFunction(() => "hasDropped" in window && window.hasDropped, undefined, { timeout: 2_000 })
      .then(
        () => true,
        () => false,
      );
  });
  await session.detach();
}

/** Every state word that each file's line has shown, since `watchUploadStates`: name → words in order. */
export const watchUploadStates = (page: Page, names: readonly string[]): Promise<void> =>
  page.evaluate((known) => {
    const seen = new Map<string, string[]>();
    const words = /\b(Waiting|Sending|Checking|Ready|Rejected|Failed|Cancelled)\b/;
    Object.assign(window, { uploadStatesSeen: seen });
    const look = () => {
      for (const line of document.querySelectorAll('[aria-label="Uploads"] li, section li')) {
        const text = line.textContent ?? "";
        const name = known.find((each) => text.includes(each));
        const word = name === undefined ? undefined : words.exec(text.replace(name, ""))?.[1];
        if (name === undefined || word === undefined) continue;
        const so = seen.get(name) ?? [];
        if (so.at(-1) !== word) seen.set(name, [...so, word]);
      }
    };
    new MutationObserver(look).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
    });
    look();
  }, names);

export const readUploadStates = async (page: Page): Promise<ReadonlyMap<string, readonly string[]>> =>
  new Map(
    await page.evaluate(() => [
      ...(window as unknown as { readonly uploadStatesSeen: Map<string, string[]> }).uploadStatesSeen,
    ]),
  );

/** The API as the person sees it who is signed in in this page: with the access token that the page would get. */
export async function apiOf(page: Page, api: string): Promise<Api> {
  const token = await page.evaluate(async () => {
    const answer = await fetch("/session/token", { method: "POST" });
    if (!answer.ok) throw new Error(`POST /session/token answered ${answer.status}: ${await answer.text()}`);
    return ((await answer.json()) as { readonly accessToken: string }).accessToken;
  });
  return createApi(api, token);
}

/** The names of all files in the list, wherever it is scrolled to: scrolls from its top to its end. */
export async function readFileNames(page: Page): Promise<Set<string>> {
  const names = new Set<string>();
  await page.evaluate(() => window.scrollTo(0, 0));
  for (;;) {
    const shown = await fileList(page)
      .getByRole("listitem")
      .evaluateAll((items) =>
        items.map((item) => {
          const named = item.querySelector("a, button");
          const words = named?.getAttribute("aria-label") ?? named?.querySelector("bdi")?.textContent;
          return words || named?.querySelector("img")?.alt || (named?.textContent?.trim() ?? "");
        }),
      );
    for (const name of shown) names.add(name);
    const isEnd = await page.evaluate(() => {
      const before = window.scrollY;
      window.scrollBy(0, window.innerHeight * 0.7);
      return window.scrollY === before;
    });
    if (isEnd) break;
    await page.waitForTimeout(60);
  }
  await page.evaluate(() => window.scrollTo(0, 0));
  names.delete("");
  return names;
}
