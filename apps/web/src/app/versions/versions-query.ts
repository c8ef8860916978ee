import type { File, FileSource, FileVersionList, Uploader } from "@stowage/client";
import { keyOf } from "@stowage/react";
import { infiniteQueryOptions } from "@tanstack/react-query";

type AnyClient = Uploader<FileSource>;

/** Begins the keys of a file's histories. */
export const versionsKey = (client: AnyClient, fileId: string) =>
  [...keyOf(client), "versions", fileId] as const;

/** Versions a page, 1 to 200. */
const pageSize = 50;

/**
 * A file's history, the newest version first. Another current version or number of conflicts is another history; until it is
 * there the former one stays.
 */
export const versionsQuery = (client: AnyClient, file: File) =>
  infiniteQueryOptions({
    queryKey: [...versionsKey(client, file.id), file.version, file.conflicts] as const,
    queryFn: ({ pageParam, signal }): Promise<FileVersionList> =>
      client.files.versions(file.id, { limit: pageSize, cursor: pageParam, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    placeholderData: (before) => before,
    // The client has its own retries, and its own mind on whether there is a network.
    retry: false,
    networkMode: "always",
  });
