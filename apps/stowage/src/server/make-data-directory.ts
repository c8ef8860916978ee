import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { CommandError } from "../cli/command.ts";
import { makePrivateFolder } from "../make-private-folder.ts";

/**
 * Makes the data directory, and what is missing above it, for the owner's eyes only.
 *
 * @throws CommandError says what is in the way
 */
export async function makeDataDirectory(directory: string): Promise<void> {
  try {
    await makePrivateFolder(directory);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new CommandError(`The data directory ${directory} can't be made (${code}).`, 1, { cause });
  }
}

/**
 * The data directory's `cache/`: compiled code, and the page where it was built there. Since what is in it is run, it is
 * its owner's alone, whatever the umask and the mode of the data directory are.
 */
export async function makeCacheDirectory(dataDir: string): Promise<string> {
  const directory = join(dataDir, "cache");
  await makePrivateFolder(directory);
  await chmod(directory, 0o700);
  return directory;
}
