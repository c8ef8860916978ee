import type { FileSource, Uploader } from "@stowage/client";
import { createAlbums } from "@stowage/client/albums";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { whileItFails } from "../files/file-queries.ts";
import { keyOf } from "../files/query-keys.ts";

type AnyClient = Uploader<FileSource>;

const pageSize = 100;

/** Among so many there is mostly one with a picture. */
const coverFiles = 3;
const coverFreshMs = 60_000;

/**
 * An answer is as good offline as it was, and is asked for again by the person or in its time, not by the library. What could not be
 * had is, from time to time and when the network is back.
 */
const always = {
  networkMode: "always",
  retry: false,
  refetchInterval: whileItFails,
  refetchOnReconnect: ({ state }: { readonly state: { readonly error: Error | null } }) =>
    state.error !== null,
} as const;

/** Begins the key of all that is known of albums, to be asked anew: after an upload to one of them, for instance. */
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
