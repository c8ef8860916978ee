import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { assertAccessible } from "./harness/accessibility.ts";
import { assertSaid } from "./harness/assert-said.ts";
import { startLogin } from "./harness/login-command.ts";
import { makeFolder, removeFolder, runCli } from "./harness/run-cli.ts";
import { waitFor } from "./harness/wait-for.ts";
import { fillSignUp, newAccount, openVisitor } from "./harness/web-page.ts";
import { describeWebSuite } from "./harness/web-suite.ts";

const suite = describeWebSuite();
const { skip } = suite;

let home: string;
before(async () => {
  home = await makeFolder("login-home");
});
after(() => removeFolder(home));

/** A desktop whose opener of addresses writes them down instead. */
async function desktop() {
  const bin = join(home, "bin");
  const opened = join(home, "opened");
  await mkdir(bin, { recursive: true });
  const script = `#!/bin/sh\nprintf '%s' "$1" > '${opened}.new' && mv '${opened}.new' '${opened}'\n`;
  for (const opener of ["xdg-open", "open"]) await writeFile(join(bin, opener), script, { mode: 0o755 });
  const env = {
    STOWAGE_SERVER: suite.server.api,
    HOME: home,
    XDG_CONFIG_HOME: join(home, ".config"),
    DISPLAY: ":0",
    PATH: `${bin}:${process.env.PATH ?? ""}`,
  };
  return { env, opened: () => readFile(opened, "utf8").catch(() => undefined) };
}

test("login opens the browser, and it ends at a page that says so; the next one asks for a click", {
  skip: skip || (process.platform === "win32" && "the stand-in for the opener is a script of a shell"),
}, async () => {
  const { env, opened } = await desktop();
  const { page, watch, context } = await openVisitor(suite.browser);
  const account = newAccount();

  const login = await startLogin({ env });
  const address = await waitFor("the browser to be opened", opened);
  assert.equal(address, login.authorizationUrl);
  await page.goto(address);
  await page.getByRole("link", { name: "Create an account" }).click();
  await fillSignUp(page, account);
  await page.getByRole("heading", { name: "You are signed in" }).waitFor();
  assert.ok(await page.getByText(account.email).isVisible());
  assert.ok(new URL(page.url()).href.startsWith(login.redirectUri));
  assertSaid(await login.result(), 0);
  await assertAccessible(page, "the page after the sign-in");
  watch.assertClean();

  const second = await startLogin({ env });
  await page.goto(second.authorizationUrl);
  await page.getByRole("button", { name: "Continue" }).click();
  await page.getByRole("heading", { name: "You are signed in" }).waitFor();
  assertSaid(await second.result(), 0);
  watch.assertClean();
  assertSaid(await runCli(["ls"], { env }), 0, /no files yet/);
  await context.close();
});

test("a forged answer is shown as one, in both themes and on a narrow screen", { skip }, async () => {
  const { env } = await desktop();
  const login = await startLogin({ env }, ["--no-browser"]);
  for (const colorScheme of ["light", "dark"] as const) {
    const { page, watch, context } = await openVisitor(suite.browser, {
      colorScheme,
      viewport: { width: 320, height: 560 },
    });
    // Chromium writes every 400 to the console by itself.
    watch.expect(/status of 400/);
    await page.goto(`${login.redirectUri}?code=x&state=forged`);
    assert.ok(await page.getByRole("heading", { name: "This is not the answer to the sign-in" }).isVisible());
    await assertAccessible(page, `the page for a forged answer, ${colorScheme}`);
    const scrolls = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    assert.equal(scrolls, false, "nothing is wider than the screen");
    watch.assertClean();
    await context.close();
  }
  login.signal("SIGTERM");
  assert.equal((await login.result()).status, 143);
});
