import type { ClientError, File, FileList } from "@stowage/client";
import { type InfiniteData, type UseInfiniteQueryResult, useInfiniteQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useStowage } from "../stowage-provider.ts";
import { type FilesQuery, filesQuery } from "./files-query.ts";

export type UseFilesResult = Pick<
  UseInfiniteQueryResult<InfiniteData<FileList>, ClientError>,
  | "error"
  | "isPending"
  | "isError"
  | "isFetching"
  | "isFetchingNextPage"
  | "isFetchNextPageError"
  | "hasNextPage"
  | "fetchNextPage"
  | "refetch"
> & {
  /** Of all pages so far, newest first; the same array until it changes. Empty while the first is on its way. */
  readonly files: readonly File[];
};

/** A person's files, or those in their trash. A file that becomes ready appears at the top by itself. */
export function useFiles(options: FilesQuery = {}): UseFilesResult {
  const { client } = useStowage();
  const query = useInfiniteQuery(filesQuery(client, options));
  const { data } = query;
  const files = useMemo(() => filesOf(data), [data]);
  return {
    files,
    error: query.error as ClientError | null,
    isPending: query.isPending,
    isError: query.isError,
    isFetching: query.isFetching,
    isFetchingNextPage: query.isFetchingNextPage,
    isFetchNextPageError: query.isFetchNextPageError,
    hasNextPage: query.hasNextPage,
    fetchNextPage: query.fetchNextPage,
    refetch: query.refetch,
  } as UseFilesResult;
}

/** A file that moved while pages were fetched may be in two of them: the first counts. */
function filesOf(data: InfiniteData<FileList> | undefined): readonly File[] {
  const files = new Map<string, File>();
  for (const { items } of data?.pages ?? [])
    for (const file of items) if (!files.has(file.id)) files.set(file.id, file);
  return [...files.values()];
}
