import { join } from "node:path";
import { type FileOperations, isFileError } from "./file-operations.ts";

/** The key is taken, and the object was to be published only if it were not. */
export class ObjectExistsError extends Error {
  readonly code = "object-exists";
  override name = "ObjectExistsError";
}

/**
 * Makes the complete and synced file `from` the object `file` of `directory`, in one step: nobody ever
 * sees a part of it. Returns once the name would survive a power cut. What is left of `from` is the
 * caller's to remove.
 *
 * With `onlyIfAbsent` the name is given by link(), which one of many at the same time wins; the others
 * get {@link ObjectExistsError}. Otherwise rename() replaces what was there.
 */
export async function publishObject(
  operations: FileOperations,
  target: { readonly directory: string; readonly file: string; readonly onlyIfAbsent: boolean },
  from: string,
): Promise<void> {
  const path = join(target.directory, target.file);
  if (!target.onlyIfAbsent) {
    await operations.rename(from, path);
    await operations.syncDirectory(target.directory);
    return;
  }
  try {
    await operations.link(from, path);
  } catch (error) {
    if (isFileError(error, "EEXIST")) throw new ObjectExistsError("The key is taken", { cause: error });
    throw error;
  }
  try {
    await operations.syncDirectory(target.directory);
  } catch (error) {
    // The caller is told that it failed, so a retry must not find the key taken; by this object, that is:
    // another may have replaced it meanwhile, and been told that it worked.
    if (await operations.isSameFile(from, path)) await operations.remove(path);
    throw error;
  }
}
