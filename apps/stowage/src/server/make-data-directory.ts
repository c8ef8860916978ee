import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { CommandError } from "../cli/command.ts";

/**
 * Makes the data directory, and what is missing above it, for the owner's eyes only. One step at a time: mkdir's own
 * `recursive` never ends where a file system answers ENOENT for good, as /proc does.
 *
 * @throws CommandError says what is in the way
 */
export async function makeDataDirectory(directory: string): Promise<void> {
  try {
    await makeStep(directory);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new CommandError(`The data directory ${directory} can't be made (${code}).`, 1, { cause });
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : undefined;

async function makeStep(directory: string): Promise<void> {
  try {
    await mkdir(directory, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) === "EEXIST" && (await stat(directory)).isDirectory()) return;
    if (codeOf(error) !== "ENOENT" || dirname(directory) === directory) throw error;
    await makeStep(dirname(directory));
    await mkdir(directory, { mode: 0o700 });
  }
}
