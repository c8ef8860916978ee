import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Makes a folder, and what is missing above it, for its owner's eyes only. One step at a time: mkdir's own `recursive`
 * never ends where a file system answers ENOENT for good, as /proc does. One that is there stays as it is.
 *
 * @throws the system's error
 */
export async function makePrivateFolder(folder: string): Promise<void> {
  try {
    await makeStep(folder);
  } catch (error) {
    if (codeOf(error) !== "ENOENT" || dirname(folder) === folder) throw error;
    await makePrivateFolder(dirname(folder));
    await makeStep(folder);
  }
}

async function makeStep(folder: string): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
  } catch (error) {
    // Also one that another process makes at the same time.
    if (codeOf(error) !== "EEXIST" || !(await stat(folder)).isDirectory()) throw error;
  }
}

const codeOf = (error: unknown): unknown =>
  error instanceof Error && "code" in error ? error.code : undefined;
