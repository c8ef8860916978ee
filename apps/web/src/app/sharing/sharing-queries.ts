import { createLinks, type FileSource, type Uploader } from "@stowage/client";
import { createSharing } from "@stowage/client/sharing";
import { keyOf } from "@stowage/react";
import { queryOptions } from "@tanstack/react-query";

type AnyClient = Uploader<FileSource>;

/** More than one file has, but for a few. */
const limit = 200;

const always = { networkMode: "always", retry: false } as const;

/** Who has a file by name, by a link, or is offered it. */
export const sharingKey = (client: AnyClient, fileId: string) =>
  [...keyOf(client), "sharing", fileId] as const;

export const grantsQuery = (client: AnyClient, fileId: string) =>
  queryOptions({
    ...always,
    queryKey: [...sharingKey(client, fileId), "grants"],
    queryFn: ({ signal }) => createSharing(client).grants(fileId, { limit, signal }),
  });

export const fileInvitesQuery = (client: AnyClient, fileId: string) =>
  queryOptions({
    ...always,
    queryKey: [...sharingKey(client, fileId), "invites"],
    queryFn: ({ signal }) => createSharing(client).invites(fileId, { limit, signal }),
  });

/** @param id of the file or album that the links are to */
export const linksQuery = (client: AnyClient, id: string, to: "files" | "albums") =>
  queryOptions({
    ...always,
    queryKey: [...sharingKey(client, id), "links"],
    queryFn: ({ signal }) => createLinks(client, to).list(id, { limit, signal }),
  });

/** People of one's own organisation, from two characters on. */
export const peopleQuery = (client: AnyClient, words: string) =>
  queryOptions({
    ...always,
    queryKey: [...keyOf(client), "people", words],
    queryFn: ({ signal }) => createSharing(client).people(words, { limit: 5, signal }),
    enabled: [...words].length >= 2,
    staleTime: 30_000,
  });

export const receivedQuery = (client: AnyClient) =>
  queryOptions({
    ...always,
    queryKey: [...keyOf(client), "received"],
    queryFn: ({ signal }) => createSharing(client).received({ limit, signal }),
  });
