import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

/** Makes a directory for this user alone, and removes what a process that died has left of its files in it. */
export function claimDirectory(directory: string, prefix: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  for (const name of readdirSync(directory)) {
    if (name.startsWith(prefix)) rmSync(join(directory, name), { recursive: true, force: true });
  }
}
