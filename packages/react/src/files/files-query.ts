import type { Client, FileList, FileSource } from "@stowage/client";
import { infiniteQueryOptions } from "@tanstack/react-query";
import { always } from "./query-defaults.ts";
import { type FilesScope, filesKey } from "./query-keys.ts";

export interface FilesQuery {
  /** `own` (the default) or `trash`, each newest first. */
  readonly scope?: FilesScope;
  /** Files a page, 1 to 200. Default 100. */
  readonly pageSize?: number;
}

/** A person's files page by page, for TanStack Query's infinite queries. */
export const filesQuery = <Source extends FileSource>(
  client: Client<Source>,
  { scope = "own", pageSize = 100 }: FilesQuery = {},
) =>
  infiniteQueryOptions({
    ...always,
    queryKey: filesKey(client, scope),
    queryFn: ({ pageParam, signal }): Promise<FileList> =>
      client.files.list({ scope, limit: pageSize, cursor: pageParam, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
