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
  return queue.subscribe(
    () => {
      const found = new Map<string, File>();
      for (const { file } of queue.getSnapshot().items)
        if (file && !seen.has(file)) {
          seen.add(file);
          found.set(file.id, file);
        }
      if (found.size > 0) putCached(queryClient, client, found);
    },
    { files: true },
  );
}
