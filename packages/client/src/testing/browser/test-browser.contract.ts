import type { TestContext } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { callIn } from "./call-in.contract.ts";
import { chromiumFlags, chromiumPath } from "./find-chromium.contract.ts";
import { servePage } from "./serve-page.contract.ts";

/** To Chromium this is no secure context: it is neither https nor loopback by its name. */
const insecureHost = "photos.test";

export interface TestPage {
  readonly page: Page;
  readonly origin: string;
  /** Paths that were asked of the page's own server. */
  readonly requested: readonly string[];
  /** What the page said is wrong: errors, and what its content security policy refused. */
  readonly complaints: readonly string[];
  /** Calls a function that the page's module has put on `globalThis`. */
  call<Result>(name: string, ...args: readonly unknown[]): Promise<Result>;
}

export interface OpenOptions {
  /** The page's module: TypeScript. */
  readonly entry: URL;
  readonly contentSecurityPolicy?: string;
  /** On a host that is no secure context. Default false: on localhost. */
  readonly insecure?: boolean;
  /** Default false: with the builds of libraries that applications ship. */
  readonly isDevelopment?: boolean | undefined;
}

export interface TestBrowser {
  open(t: TestContext, options: OpenOptions): Promise<TestPage>;
  close(): Promise<void>;
}

/** A Chromium with a fresh profile, started at the first page. */
export function createTestBrowser(): TestBrowser {
  let launched: Promise<Browser> | undefined;
  const launch = () =>
    chromium.launch({
      executablePath: chromiumPath,
      args: [...chromiumFlags, `--host-resolver-rules=MAP ${insecureHost} 127.0.0.1`],
    });

  return {
    async open(t, { entry, contentSecurityPolicy, insecure = false, isDevelopment }) {
      launched ??= launch();
      const requested: string[] = [];
      const complaints: string[] = [];
      const served = await servePage(entry, { contentSecurityPolicy, requested, isDevelopment });
      const context = await (await launched).newContext();
      t.after(async () => {
        await context.close();
        await served.close();
      });
      const page = await context.newPage();
      page.on("pageerror", (error) => complaints.push(String(error)));
      page.on("console", (message) => {
        if (message.type() === "error") complaints.push(message.text());
      });
      const origin = `http://${insecure ? insecureHost : "localhost"}:${served.port}`;
      await page.goto(origin, { waitUntil: "load" });
      return {
        page,
        origin,
        requested,
        complaints,
        call: (name, ...args) => callIn(page, name, args),
      };
    },
    async close() {
      await (await launched)?.close();
    },
  };
}
