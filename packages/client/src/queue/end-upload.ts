import type { Client } from "../client.ts";
import { ClientError } from "../errors.ts";
import type { AbortSignalLike, FileSource } from "../ports.ts";

/**
 * Gives up an upload for its person. Where all of its bytes have arrived before, the server goes on with it: what it
 * becomes goes into the trash. What fails here is not told: an upload that nobody completes ends by itself.
 */
export async function endUpload<Source extends FileSource>(
  { uploads, files }: Pick<Client<Source>, "uploads" | "files">,
  id: string,
  signal: AbortSignalLike,
): Promise<void> {
  try {
    try {
      await uploads.abort(id, { signal });
    } catch (error) {
      if (!(error instanceof ClientError) || error.code !== "upload-not-pending") throw error;
      const { state, fileId } = await uploads.verdict(id, { signal });
      if (state === "ready") await files.remove(fileId, { signal });
    }
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
  }
}
