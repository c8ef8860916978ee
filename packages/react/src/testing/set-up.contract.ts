import type { TestContext } from "node:test";
import { type ScriptedServerOptions, startScriptedServer } from "@stowage/client/testing";
import type { TestBrowser } from "@stowage/client/testing/browser";
import type { Page } from "playwright-core";

/** Resolves once `look` answers what is wanted; fails with what it answered last after `limitMs`. */
export async function until<Seen>(
  look: () => Promise<Seen>,
  isSo: (seen: Seen) => boolean,
  limitMs = 30_000,
): Promise<Seen> {
  const endsAtMs = Date.now() + limitMs;
  for (;;) {
    const seen = await look();
    if (isSo(seen)) return seen;
    if (Date.now() > endsAtMs) throw new Error(`It never came: ${JSON.stringify(seen)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What a browser tells a page whose network went and came. */
export const returnOfNetwork = (page: Page): Promise<void> =>
  page.evaluate(() => {
    dispatchEvent(new Event("offline"));
    dispatchEvent(new Event("online"));
  });

/** The test page on a scripted server, under the policy that the README says is enough. */
export async function setUpPage(
  t: TestContext,
  browser: TestBrowser,
  options: ScriptedServerOptions = {},
  props: { readonly strict?: boolean; readonly [name: string]: unknown } = {},
) {
  const server = await startScriptedServer(options);
  t.after(() => server.close());
  const tab = await browser.open(t, {
    entry: new URL("./page.contract.tsx", import.meta.url),
    // Elsewhere it does nothing.
    isDevelopment: props.strict,
    contentSecurityPolicy: [
      "default-src 'none'",
      "script-src 'self'",
      `connect-src ${server.url}`,
      `img-src data: blob: ${server.url}`,
    ].join("; "),
  });
  await tab.call("mount", { server: server.url, ...props });
  await tab.page.locator("#zone").waitFor();
  const names = (list: "files" | "trashed") => tab.call<readonly string[]>(list);
  return {
    server,
    ...tab,
    names,
    /** Resolves once the list is this. */
    untilNames: (list: "files" | "trashed", wanted: readonly string[]) =>
      until(
        () => names(list),
        (seen) => JSON.stringify(seen) === JSON.stringify(wanted),
      ),
    /** Sends these, one after another, so that the last is the newest. */
    async have(...wanted: string[]) {
      for (const [index, name] of wanted.entries()) {
        await tab.call("add", name);
        await until(
          () => names("files"),
          (seen) => seen.length > index && seen[0] === name,
        );
      }
    },
  };
}
