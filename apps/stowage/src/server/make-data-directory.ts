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
