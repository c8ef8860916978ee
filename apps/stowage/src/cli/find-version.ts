import type { Uploader } from "@stowage/client";
import type { FileVersion } from "@stowage/protocol";

const maxPerRequest = 200;

/** A file's history, from the newest version on, as far as it is read. */
export async function* readHistory(
  { files }: Pick<Uploader<never>, "files">,
  fileId: string,
  signal: AbortSignal,
): AsyncGenerator<FileVersion> {
  for (let cursor: string | undefined; ; ) {
    const page = await files.versions(fileId, { limit: maxPerRequest, cursor, signal });
    yield* page.items;
    if (page.nextCursor === null) return;
    cursor = page.nextCursor;
  }
}

/** The first of a history that is looked for, or nothing. */
export async function findVersion(
  history: AsyncIterable<FileVersion>,
  isWanted: (version: FileVersion) => boolean,
): Promise<FileVersion | undefined> {
  for await (const version of history) if (isWanted(version)) return version;
  return undefined;
}
