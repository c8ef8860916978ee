import { access } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../../cli/command.ts";

/** Is in a data directory from the first moment of its restore to the last. */
export const unfinishedRestore = (dataDir: string): string => join(dataDir, "unfinished-restore");

/** @throws CommandError for a data directory whose restore was broken off */
export async function assertRestored(dataDir: string): Promise<void> {
  try {
    await access(unfinishedRestore(dataDir));
  } catch {
    // Not there, or not to be seen: whatever is next says what is wrong with the directory.
    return;
  }
  throw new CommandError(
    `${dataDir} holds a restore that was broken off: remove it, and run stowage restore once more.`,
  );
}
