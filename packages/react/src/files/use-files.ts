import type { File, FileList } from "@stowage/client";
import {
  type InfiniteData,
  type UseInfiniteQueryResult,
  type UseQueryResult,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useMemo } from "react";
import { useStowage } from "../stowage-provider.ts";
import { findCached } from "./cached-files.ts";
import { type FilesQuery, fileQuery, filesQuery } from "./file-queries.ts";

/** TanStack's result, with the files of its pages. */
export type UseFilesResult = UseInfiniteQueryResult<InfiniteData<FileList>> & {
  /** Of all pages so far, newest first; the same array until it changes. Empty while the first is on its way. */
  readonly files: readonly File[];
};

/** A person's files, or those in their trash. A file that becomes ready appears at the top by itself. */
export function useFiles(options?: FilesQuery): UseFilesResult {
  const query = useInfiniteQuery(filesQuery(useStowage().client, options));
  const { data } = query;
  const files = useMemo(() => filesOf(data?.pages), [data]);
  return { ...query, files };
}

/** A file that moved while pages were fetched may be in two of them: the first counts. */
function filesOf(pages: readonly FileList[] = []): readonly File[] {
  const files = new Map<string, File>();
  for (const { items } of pages) for (const file of items) if (!files.has(file.id)) files.set(file.id, file);
  return [...files.values()];
}

/** One file; at once where a list has it, and then afresh from the server. */
export function useFile(id: string): UseQueryResult<File> {
  const { client } = useStowage();
  const queryClient = useQueryClient();
  return useQuery({
    ...fileQuery(client, id),
    initialData: () => findCached(queryClient, client, id),
    // As old as can be: it is shown, and asked for.
    initialDataUpdatedAt: 0,
  });
}
