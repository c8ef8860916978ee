import type { Album, File } from "@stowage/client";
import { useStowage, useUploads } from "@stowage/react";
import { albumFilesQuery, albumQuery, albumsKey } from "@stowage/react/albums";
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo } from "react";

/** Others add to it and its reveal comes without anybody asking here: so often it is looked at again while the page is shown. */
const lookAgainMs = 15_000;

/** Of several uploads the last one matters. */
const quietMs = 800;

export interface AlbumSeen {
  readonly album: Album | undefined;
  readonly error: Error | null;
  /** Newest first; empty while it is sealed. */
  readonly files: readonly File[];
  readonly filesError: Error | null;
  readonly isPending: boolean;
  /** Fetches more files; absent where there are none. */
  readonly fetchMore: (() => void) | undefined;
  readonly refetch: () => void;
}

/** An album as it is now, with what is in it once that may be seen. */
export function useAlbum(id: string): AlbumSeen {
  const { client } = useStowage();
  const queryClient = useQueryClient();
  const { ready, rejected } = useUploads().totals;
  const { data: album, error } = useQuery({ ...albumQuery(client, id), refetchInterval: lookAgainMs });
  const isOpen = album !== undefined && !album.sealed;
  const list = useInfiniteQuery({ ...albumFilesQuery(client, id), enabled: isOpen });
  const { data, error: filesError, hasNextPage, isFetchingNextPage, isError, fetchNextPage } = list;

  const refetch = useCallback(
    () => void queryClient.invalidateQueries({ queryKey: albumsKey(client) }),
    [queryClient, client],
  );
  // What was sent from here, and what others have sent: both change the count.
  const count = album?.count;
  useEffect(() => {
    if (count === undefined) return;
    void queryClient.invalidateQueries({ queryKey: albumFilesQuery(client, id).queryKey });
  }, [count, queryClient, client, id]);
  useEffect(() => {
    if (ready + rejected === 0) return;
    const timer = setTimeout(refetch, quietMs);
    return () => clearTimeout(timer);
  }, [ready, rejected, refetch]);

  const files = useMemo(() => (data?.pages ?? []).flatMap(({ items }) => items), [data]);
  const more = useCallback(() => {
    if (!isFetchingNextPage && !isError) void fetchNextPage();
  }, [isFetchingNextPage, isError, fetchNextPage]);
  return {
    album,
    error,
    files: isOpen ? files : none,
    filesError: isOpen ? filesError : null,
    isPending: isOpen && list.isPending,
    fetchMore: hasNextPage ? more : undefined,
    refetch,
  };
}

const none: readonly File[] = [];
