import { after, before } from "node:test";
import type { Browser } from "playwright-core";
import { type ChromiumOptions, launchChromium, withoutChromium } from "./chromium.ts";
import { removeFolder } from "./run-cli.ts";
import { type Server, type StartOptions, startServer } from "./start-server.ts";

/** One server and one Chromium for all tests of a file: both begin before its first test and end after its last. */
export interface WebSuite {
  /** For the option of the same name of each test. */
  readonly skip: string | false;
  readonly server: Server;
  readonly browser: Browser;
  /** SIGKILL to the whole server, and the same again on the same data; give it a `port`, as the bucket's follows it. */
  restart(): Promise<void>;
  /** Done once, before the first test and after both have started; nothing where the suite is left out. */
  prepare(work: () => Promise<void>): void;
}

export function describeWebSuite(
  options: StartOptions | (() => Promise<StartOptions>) = {},
  chromium: ChromiumOptions = {},
): WebSuite {
  let server: Server | undefined;
  let browser: Browser | undefined;
  let started: StartOptions = {};
  // Its folder is then no longer the server's own to remove.
  let wasRestarted = false;
  const there = <T>(value: T | undefined, what: string): T => {
    if (value === undefined) throw new Error(`The ${what} of this suite has not started.`);
    return value;
  };
  const preparations: (() => Promise<void>)[] = [];
  // One hook for all: Node begins those of a file's top level at the same time.
  before(async () => {
    if (withoutChromium) return;
    started = typeof options === "function" ? await options() : options;
    browser = await launchChromium(chromium);
    server = await startServer(started);
    for (const prepare of preparations) await prepare();
  });
  after(async () => {
    await browser?.close();
    const dataDir = server?.dataDir;
    await server?.stop();
    if (dataDir !== undefined && wasRestarted) await removeFolder(dataDir);
  });
  return {
    skip: withoutChromium,
    get server() {
      return there(server, "server");
    },
    get browser() {
      return there(browser, "Chromium");
    },
    prepare(work) {
      preparations.push(work);
    },
    async restart() {
      const { dataDir, api } = there(server, "server");
      await server?.killAll();
      wasRestarted = true;
      server = await startServer({ ...started, dataDir, port: Number(new URL(api).port) });
    },
  };
}
