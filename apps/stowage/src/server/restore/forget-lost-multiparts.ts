import { existsSync } from "node:fs";
import { join } from "node:path";
import { openBucketFiles } from "@stowage/bucket";
import { createSqliteMetadataStore, DatabaseTooNewError, listBegunMultiparts } from "@stowage/sql";
import { CommandError } from "../../cli/command.ts";
import { bucketDirectory, databaseFile } from "../data-directory-places.ts";

/**
 * Parts of uploads under way are in no backup. Such an upload is told to begin anew in the store, where it was not
 * joined already: its owner sends all parts again. Brings the database up to date.
 *
 * @throws CommandError for a newer Stowage's
 */
export async function forgetLostMultiparts(dataDir: string, masterKey: Uint8Array): Promise<void> {
  const file = databaseFile(dataDir);
  const metadata = await createSqliteMetadataStore({ file }).catch((error: unknown) => {
    if (error instanceof DatabaseTooNewError) throw new CommandError(error.message, 1, { cause: error });
    throw error;
  });
  try {
    const directory = bucketDirectory(dataDir);
    const bucket = openBucketFiles({ directory, masterKey });
    for (const { uploadId, storeUploadId, landingKey } of listBegunMultiparts(file))
      if (!existsSync(join(directory, bucket.pathOf(landingKey))))
        await metadata.forgetMultipart({ uploadId, storeUploadId });
  } finally {
    await metadata.close();
  }
}
