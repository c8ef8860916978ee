import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { type Browser, type BrowserContext, chromium } from "playwright-core";
import { chromiumFlags, chromiumPath } from "./chromium.ts";

/** A Chromium with a profile that outlives it. */
export interface ProfileBrowser {
  readonly context: BrowserContext;
  /** As its person does. */
  quit(): Promise<void>;
  /** As a power cut ends it for its processes: SIGKILL, all of them. */
  kill(): Promise<void>;
}

/** @param profile - a folder, made where it is not there */
export async function startProfile(profile: string): Promise<ProfileBrowser> {
  const child = spawn(
    chromiumPath ?? "chromium",
    [...chromiumFlags, "--headless=new", "--remote-debugging-port=0", `--user-data-dir=${profile}`],
    { detached: true, stdio: ["ignore", "ignore", "pipe"] },
  );
  const ended = once(child, "exit");
  const killGroup = () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, "SIGKILL");
  };
  process.once("exit", killGroup);
  for await (const line of createInterface({ input: child.stderr })) {
    const endpoint = /DevTools listening on (\S+)/.exec(line)?.[1];
    if (endpoint === undefined) continue;
    child.stderr.resume();
    const browser = await connect(endpoint);
    const [context] = browser.contexts();
    if (!context) break;
    return {
      context,
      async quit() {
        const session = await browser.newBrowserCDPSession();
        await session.send("Browser.close");
        await ended;
      },
      async kill() {
        killGroup();
        await ended;
        process.removeListener("exit", killGroup);
        await browser.close().catch(() => undefined);
      },
    };
  }
  killGroup();
  throw new Error("Chromium did not start.");
}

/**
 * A worker that starts in the very moment of connecting, as one does for Background Sync, keeps Playwright waiting for ever now
 * and then: a second connection finds it there.
 */
async function connect(endpoint: string, triesLeft = 2): Promise<Browser> {
  try {
    return await chromium.connectOverCDP(endpoint, { timeout: 15_000 });
  } catch (error) {
    if (triesLeft === 0) throw error;
    return connect(endpoint, triesLeft - 1);
  }
}
