import { readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunningSettings } from "./running-settings.ts";
import type { ScannerChoice } from "./scanning/choose-scanner.ts";

/** What `stowage up` says once everything answers, and what other commands find it by. */
export interface Running {
  /** Origin of the API, e.g. `http://localhost:8420`. */
  readonly api: string;
  readonly web: string;
  readonly bucket: string;
  /** The embedded issuer's URL; another one's where that is off (`issuer.enabled`). */
  readonly issuer: string;
  readonly dataDir: string;
  /** Origins as this machine reaches them, where a proxy stands before the others. */
  readonly internalApi?: string;
  readonly internalBucket?: string;
  /** What it scans with: the start may have been told otherwise than the file says. */
  readonly scanner?: ScannerChoice;
  /** What it was started with, by the file or by `--set`. Not told by one of before. */
  readonly settings?: RunningSettings;
}

const fileName = "running.json";

/** Written whole or not at all; kept after a stop, since tokens minted meanwhile must name the same issuer. */
export async function writeRunning(running: Running): Promise<void> {
  const file = join(running.dataDir, fileName);
  await writeFile(`${file}.new`, `${JSON.stringify(running)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** Of the last start on this data directory; `undefined` where there was none. */
export async function readRunning(dataDir: string): Promise<Running | undefined> {
  try {
    return JSON.parse(await readFile(join(dataDir, fileName), "utf8")) as Running;
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return undefined;
    throw new Error(`${join(dataDir, fileName)} can't be read.`, { cause });
  }
}

/** When the last start was complete; `undefined` where there was none. */
export async function readStartedAtMs(dataDir: string): Promise<number | undefined> {
  try {
    return (await stat(join(dataDir, fileName))).mtimeMs;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

export async function forgetRunning(dataDir: string): Promise<void> {
  await rm(join(dataDir, fileName), { force: true });
}
