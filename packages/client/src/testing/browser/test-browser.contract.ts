import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { type Browser, chromium, type Page } from "playwright-core";
import { buildPage } from "./build-page.contract.ts";
import { chromiumPath } from "./find-chromium.contract.ts";

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
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--no-first-run",
        `--host-resolver-rules=MAP ${insecureHost} 127.0.0.1`,
      ],
    });

  return {
    async open(t, { entry, contentSecurityPolicy, insecure = false }) {
      launched ??= launch();
      const requested: string[] = [];
      const complaints: string[] = [];
      const served = await servePage(entry, contentSecurityPolicy, requested);
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
        call: <Result>(name: string, ...args: readonly unknown[]) =>
          page.evaluate(
            ([called, given]) => {
              const named = globalThis as unknown as Record<string, (...all: readonly unknown[]) => Result>;
              const wanted = named[called];
              if (!wanted) throw new Error(`The page has no ${called}.`);
              return wanted(...given);
            },
            [name, args] as const,
          ) as Promise<Result>,
      };
    },
    async close() {
      await (await launched)?.close();
    },
  };
}

const shell = `<!doctype html><html lang="en"><meta charset="utf-8"><title>Test</title>
<body><main id="root"></main><script type="module" src="/page.js"></script></body></html>`;

async function servePage(entry: URL, contentSecurityPolicy: string | undefined, requested: string[]) {
  const modules = await buildPage(entry);
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    requested.push(path);
    const body = path === "/" ? shell : modules.get(path);
    response.writeHead(body === undefined ? 404 : 200, {
      "content-type": path === "/" ? "text/html" : "text/javascript",
      ...(contentSecurityPolicy !== undefined && { "content-security-policy": contentSecurityPolicy }),
    });
    response.end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
