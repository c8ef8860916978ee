import type { FileSource, Uploader } from "@stowage/client";
import { createAlbums } from "@stowage/client/albums";
import { keyOf } from "@stowage/react";
import { infiniteQueryOptions, type QueryClient, queryOptions } from "@tanstack/react-query";

type AnyClient = Uploader<FileSource>;

const pageSize = 100;

/** Among so many there is mostly one with a picture. */
const coverFiles = 3;
const coverFreshMs = 60_000;

/** An answer is as good offline as it was, and is asked for again by the person or in its time, not by the library. */
const always = { networkMode: "always", retry: false } as const;

/** All that is known of albums, to be asked anew. */
export const albumsKey = (client: AnyClient) => [...keyOf(client), "albums"] as const;

/** The albums that one is in, joined last first. */
export const albumsQuery = (client: AnyClient) =>
  infiniteQueryOptions({
    ...always,
    queryKey: [...albumsKey(client), "list"],
    queryFn: ({ pageParam, signal }) =>
      createAlbums(client).list({ limit: pageSize, cursor: pageParam, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });

export const albumQuery = (client: AnyClient, id: string) =>
  queryOptions({
    ...always,
    queryKey: [...albumsKey(client), "album", id],
    queryFn: ({ signal }) => createAlbums(client).get(id, { signal }),
  });

/** An album is there no more: the list of them is asked for anew where it is shown, and not shown as it was. */
export const forgetAlbums = (queryClient: QueryClient, client: AnyClient): void =>
  queryClient.removeQueries({ queryKey: albumsQuery(client).queryKey });

/** What is in an album, newest first. Nothing to be asked for while it is sealed. */
export const albumFilesQuery = (client: AnyClient, id: string) =>
  infiniteQueryOptions({
    ...always,
    queryKey: [...albumsKey(client), "files", id],
    queryFn: ({ pageParam, signal }) =>
      createAlbums(client).files(id, { limit: pageSize, cursor: pageParam, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });

/** A few of an album's newest files, for a picture of it. */
export const albumCoverQuery = (client: AnyClient, id: string) =>
  queryOptions({
    ...always,
    queryKey: [...albumsKey(client), "cover", id],
    queryFn: ({ signal }) => createAlbums(client).files(id, { limit: coverFiles, signal }),
    staleTime: coverFreshMs,
  });

export const albumMembersQuery = (client: AnyClient, id: string) =>
  infiniteQueryOptions({
    ...always,
    queryKey: [...albumsKey(client), "members", id],
    queryFn: ({ pageParam, signal }) =>
      createAlbums(client).members(id, { limit: pageSize, cursor: pageParam, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
  });

export const albumInvitesQuery = (client: AnyClient, id: string) =>
  queryOptions({
    ...always,
    queryKey: [...albumsKey(client), "invites", id],
    queryFn: ({ signal }) => createAlbums(client).invites(id, { signal }),
  });
