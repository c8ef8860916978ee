import type { Upload } from "@stowage/protocol";
import type { ClientError } from "../errors.ts";
import type { AbortSignalLike, FileSource } from "../ports.ts";
import type { Uploader } from "../uploader.ts";

/**
 * What an upload has become that has all of its bytes, or was ended; nothing where it waits for bytes, or the server does not say.
 *
 * @param hasFile - else one that was ended is none: its file is to be asked for
 * @throws ClientError, `upload-gone` where it was ended
 */
export async function askAfterUpload<Source extends FileSource>(
  { serverUploads }: Pick<Uploader<Source>, "serverUploads">,
  id: string,
  hasFile: boolean,
  signal: AbortSignalLike,
): Promise<Upload | undefined> {
  let state: Upload["state"];
  try {
    ({ state } = await serverUploads.get(id, { signal }));
  } catch (error) {
    // The server has forgotten it; or the token may only send.
    const { code } = error as Partial<ClientError>;
    if (code === "not-found" || code === "insufficient-scope") return undefined;
    throw error;
  }
  return state === "pending" || (state === "aborted" && !hasFile)
    ? undefined
    : serverUploads.verdict(id, { signal });
}
