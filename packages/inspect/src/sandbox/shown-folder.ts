import { chmodSync, constants, copyFileSync, linkSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";

/** The one folder that a decoding process is shown, with no more in it than the file that it has at hand. */
export interface ShownFolder {
  readonly path: string;
  /** @returns the path by which it is shown, under which it stays until it is taken away */
  show(file: string): string;
  takeAway(): void;
  remove(): void;
}

/**
 * In a directory that is for this user alone, on the file system of the files to be shown. Throws what the file system
 * throws.
 *
 * @param toAnother - it will be read by another user: modes are what keeps that one from it
 */
export function createShownFolder(directory: string, toAnother: boolean): ShownFolder {
  const path = mkdtempSync(join(directory, "shown-"));
  if (toAnother) chmodSync(path, 0o755);
  const shown = join(path, "file");
  return {
    path,
    show(file) {
      try {
        linkSync(file, shown);
      } catch {
        // Some file systems have no hard links.
        copyFileSync(file, shown, constants.COPYFILE_EXCL);
      }
      if (toAnother) chmodSync(shown, 0o644);
      return shown;
    },
    takeAway: () => rmSync(shown, { force: true }),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
