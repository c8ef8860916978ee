import type { FileList, FileListQuery, FileSource, Uploader } from "@stowage/client";
import { infiniteQueryOptions } from "@tanstack/react-query";
import { always } from "./query-defaults.ts";
import { filesKey } from "./query-keys.ts";

export interface FilesQuery extends FileListQuery {
  /** Files a page, 1 to 200. Default 100. */
  readonly pageSize?: number;
}

/**
 * One of the lists of a person's files page by page, for TanStack Query's infinite queries. Which there are, FileListQuery
 * says; the error of any other is a ProblemError `unsupported-combination`.
 */
export const filesQuery = <Source extends FileSource>(
  client: Uploader<Source>,
  { pageSize = 100, ...query }: FilesQuery = {},
) => {
  const list = { scope: "own" as const, ...query };
  return infiniteQueryOptions({
    ...always,
    queryKey: [...filesKey(client), list] as const,
    queryFn: ({ pageParam, signal }): Promise<FileList> =>
      client.files.list({ ...list, limit: pageSize, cursor: pageParam, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });
};
