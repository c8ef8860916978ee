import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { type BrowserContext, chromium } from "playwright-core";
import { chromiumFlags, chromiumPath } from "./find-chromium.contract.ts";

/** A Chromium with a profile that outlives it. */
export interface ProfileBrowser {
  readonly context: BrowserContext;
  /** Resident memory of all its processes, in bytes; what they share is counted once. */
  memoryBytes(): number;
  /** As a power cut ends it for its processes: SIGKILL, all of them. */
  kill(): Promise<void>;
}

/**
 * @param profile - a folder, made where it is not there
 * @param flags - of the command line, beside the usual
 */
export async function startProfile(profile: string, flags: readonly string[] = []): Promise<ProfileBrowser> {
  const child = spawn(
    chromiumPath,
    [...chromiumFlags, ...flags, "--headless=new", "--remote-debugging-port=0", `--user-data-dir=${profile}`],
    { detached: true, stdio: ["ignore", "ignore", "pipe"] },
  );
  const ended = once(child, "exit");
  for await (const line of createInterface({ input: child.stderr })) {
    const endpoint = /DevTools listening on (\S+)/.exec(line)?.[1];
    if (endpoint === undefined) continue;
    child.stderr.resume();
    const browser = await chromium.connectOverCDP(endpoint);
    const [context] = browser.contexts();
    if (!context) break;
    return {
      context,
      memoryBytes: () => memoryOfGroup(child.pid),
      async kill() {
        if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, "SIGKILL");
        await ended;
        await browser.close().catch(() => undefined);
      },
    };
  }
  throw new Error("Chromium did not start.");
}

/** proc(5): in `stat`, after the name in brackets, the third word is the process group. */
function memoryOfGroup(group: number | undefined): number {
  let kilobytes = 0;
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, "utf8");
      if (Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]) !== group) continue;
      kilobytes += Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${entry}/smaps_rollup`, "utf8"))?.[1]);
    } catch (error) {
      // It has ended meanwhile.
      if (!(error instanceof Error && "code" in error)) throw error;
    }
  }
  return kilobytes * 1024;
}
