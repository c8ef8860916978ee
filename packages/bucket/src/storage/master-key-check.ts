import type { KeyObject } from "node:crypto";
import { join } from "node:path";
import { type FileOperations, isFileError } from "./file-operations.ts";
import type { IncomingFiles } from "./incoming-files.ts";
import { createObjectKey } from "./object-file.ts";
import { ObjectExistsError, publishObject } from "./publish-object.ts";
import { openObject } from "./read-object.ts";
import { ObjectCorruptError } from "./segment-cipher.ts";
import { createObjectWriter } from "./write-object.ts";

export const masterKeyCheckName = "master-key-check";

/** Written once, at the first start. */
export const masterKeyCheckPath = (directory: string): string => join(directory, masterKeyCheckName);

/** The directory's objects were sealed under another master key. */
export class MasterKeyMismatchError extends Error {
  readonly code = "master-key-mismatch";
  override name = "MasterKeyMismatchError";
}

/**
 * Holds the master key to the one that the directory was first used with, by an empty object beside the
 * others, so that a wrong key stops the start instead of making every object look corrupt, or mixing
 * objects of two keys. Throws {@link MasterKeyMismatchError}.
 */
export async function checkMasterKey(place: {
  readonly operations: FileOperations;
  readonly masterKey: KeyObject;
  readonly directory: string;
  readonly incoming: IncomingFiles;
}): Promise<void> {
  const { operations, masterKey, directory } = place;
  const open = async (): Promise<void> => {
    try {
      await (await openObject(operations, masterKey, masterKeyCheckPath(directory))).close();
    } catch (error) {
      if (!(error instanceof ObjectCorruptError)) throw error;
      throw new MasterKeyMismatchError(
        `The objects in ${directory} were stored under another master key (or ${masterKeyCheckName} there is damaged).`,
        { cause: error },
      );
    }
  };
  try {
    return await open();
  } catch (error) {
    if (!isFileError(error, "ENOENT")) throw error;
  }

  const path = place.incoming.newPath();
  const file = await operations.createFile(path);
  try {
    const objectKey = createObjectKey(masterKey);
    const writer = createObjectWriter({ file, objectKey, sizeBytes: 0, withMd5: false });
    await writer.finish();
    await writer.seal({ contentType: "application/x-empty", createdAtMs: 0 });
    await publishObject(operations, { directory, file: masterKeyCheckName, onlyIfAbsent: true }, path);
  } catch (error) {
    if (!(error instanceof ObjectExistsError)) throw error;
    await open();
  } finally {
    await file.close();
    await place.incoming.remove(path);
  }
}
