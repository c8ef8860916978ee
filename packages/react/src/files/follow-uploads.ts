import type { File, FileSource, Uploader, UploadQueue } from "@stowage/client";
import type { QueryClient } from "@tanstack/react-query";
import { putCached } from "./cached-files.ts";

/** Puts what uploads become into the lists, as soon as it is known. Returns how to stop. */
export function followUploads(
  queue: UploadQueue<FileSource>,
  client: Uploader<FileSource>,
  queryClient: QueryClient,
): () => void {
  const seen = new Set<File>();
  return queue.subscribe(() => {
    const found = queue.getSnapshot().items.flatMap(({ file }) => (file && !seen.has(file) ? [file] : []));
    if (found.length > 0) putCached(queryClient, client, new Map(found.map((file) => [file.id, file])));
    for (const file of found) seen.add(file);
  });
}
