import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { isSystemError } from "../../cli/system-error.ts";
import { writeFileDurably } from "./durable-files.ts";

/** What a data directory remembers of its newest backup. */
export interface LastBackup {
  /** The backup's own folder. */
  readonly backup: string;
  /** RFC 3339: the moment that it shows. */
  readonly takenAt: string;
}

const fileOf = (dataDir: string): string => join(dataDir, "last-backup.json");

export const rememberBackup = (dataDir: string, last: LastBackup): Promise<void> =>
  writeFileDurably(fileOf(dataDir), `${JSON.stringify(last)}\n`);

/** `undefined` where none was ever made, or what is remembered can't be read. */
export async function readLastBackup(dataDir: string): Promise<LastBackup | undefined> {
  let text: string;
  try {
    text = await readFile(fileOf(dataDir), "utf8");
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
  try {
    const { backup, takenAt } = JSON.parse(text) as Partial<LastBackup>;
    return typeof backup === "string" && typeof takenAt === "string" ? { backup, takenAt } : undefined;
  } catch {
    // Torn: the next backup writes it anew.
    return undefined;
  }
}
