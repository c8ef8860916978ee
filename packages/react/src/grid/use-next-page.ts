import type { UseInfiniteQueryResult } from "@tanstack/react-query";
import { useCallback } from "react";

/** What of a TanStack infinite query is read, `useFiles()` for instance. */
export type PagedQuery = Pick<
  UseInfiniteQueryResult,
  "hasNextPage" | "isFetchingNextPage" | "isError" | "fetchNextPage"
>;

export interface NextPage {
  /** There is a page after those that are there. */
  readonly hasMore: boolean;
  /** Neither is it on its way, nor could it not be had. */
  readonly canLoadMore: boolean;
  /** Fetches it where that is so. */
  onEndReached(): void;
}

/** Has a grid fetch the pages of an infinite query: `<FileGrid files={list.files} {...useNextPage(list)} />`. */
export function useNextPage(query: PagedQuery): NextPage {
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = query;
  const canLoadMore = hasNextPage && !isFetchingNextPage && !isError;
  const onEndReached = useCallback(() => {
    if (canLoadMore) void fetchNextPage();
  }, [canLoadMore, fetchNextPage]);
  return { hasMore: hasNextPage, canLoadMore, onEndReached };
}
