import { join } from "node:path";
import { type FileOperations, isFileError, unlessMissing } from "./file-operations.ts";

export const hardLinksCheckNames = ["hard-links-check", "hard-links-check-2"] as const;

/** The directory was copied without its hard links, which say what is still in use. */
export class HardLinksLostError extends Error {
  readonly code = "hard-links-lost";
  override name = "HardLinksLostError";
}

/**
 * Holds a directory to having its hard links still, by a file with two names. A copy without them (cp -r,
 * rsync without -H) would look as if nobody needed the parts of any object. Throws {@link HardLinksLostError}.
 */
export async function checkHardLinks(operations: FileOperations, directory: string): Promise<void> {
  const [first, second] = hardLinksCheckNames.map((name) => join(directory, name)) as [string, string];
  const ignoringTaken = async (work: Promise<unknown>): Promise<void> => {
    try {
      await work;
    } catch (error) {
      if (!isFileError(error, "EEXIST")) throw error;
    }
  };
  const hasLinks = async (): Promise<boolean> => (await unlessMissing(operations.linkCount(first))) === 2;
  if (await hasLinks()) return;
  await ignoringTaken(operations.createFile(first).then((file) => file.close()));
  // Else a power cut might leave the second name alone, as a copy has it.
  await operations.syncDirectory(directory);
  await ignoringTaken(operations.link(first, second));
  await operations.syncDirectory(directory);
  if (await hasLinks()) return;
  throw new HardLinksLostError(
    `${directory} was copied without its hard links; copy it again with cp -a, rsync -aH or tar.`,
  );
}
