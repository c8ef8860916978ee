import type { ClientError } from "../errors.ts";
import type { AbortSignalLike, FileSource } from "../ports.ts";
import type { Uploader } from "../uploader.ts";

/**
 * Gives up an upload for its person. Where all of its bytes have arrived before, the server goes on with it: what it
 * becomes goes into the trash.
 *
 * @throws ClientError
 */
export async function endUpload<Source extends FileSource>(
  { serverUploads, files }: Pick<Uploader<Source>, "serverUploads" | "files">,
  id: string,
  signal: AbortSignalLike,
): Promise<void> {
  try {
    await serverUploads.abort(id, { signal });
  } catch (error) {
    if ((error as Partial<ClientError>).code !== "upload-not-pending") throw error;
    const { state, fileId } = await serverUploads.verdict(id, { signal });
    if (state === "ready" && fileId) await files.remove(fileId, { signal });
  }
}
