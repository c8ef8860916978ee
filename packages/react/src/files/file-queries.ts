import {
  describeFailure,
  type FileList,
  type FileListQuery,
  type FileSource,
  type Uploader,
} from "@stowage/client";
import { infiniteQueryOptions, queryOptions } from "@tanstack/react-query";
import { fileKey, filesKey, keyOf } from "./query-keys.ts";

const repeatMs = 15_000;

/** What failed for a reason that passes is asked for again so often, in milliseconds; else not by itself. */
export const whileItFails = ({ state: { error } }: { readonly state: { readonly error: Error | null } }) =>
  describeFailure(error, "").waitsFor && repeatMs;

/**
 * The client has its own retries, and knows better than the browser whether the server can be reached: one on this
 * machine needs no network.
 */
const always = {
  retry: false,
  networkMode: "always",
  // Which in this mode is off by default.
  refetchOnReconnect: true,
  refetchInterval: whileItFails,
  staleTime: 30_000,
} as const;

/** One file by its id. Its error is a ProblemError `not-found` where there is none. */
export const fileQuery = <Source extends FileSource>(client: Uploader<Source>, id: string) =>
  queryOptions({
    ...always,
    queryKey: fileKey(client, id),
    queryFn: ({ signal }) => client.files.get(id, { signal }),
  });

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
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
};

export interface FileUrlQuery {
  /** Such as `thumbnail` or `preview`. Default: the original. */
  readonly derivative?: string | undefined;
  /** Default: the current one. */
  readonly version?: number | undefined;
  /** Default `attachment`; `inline` is for pictures that Stowage made. */
  readonly disposition?: "inline" | "attachment" | undefined;
}

/** A presigned URL, and how long it is good for from when it came. */
export interface FileUrl {
  readonly url: string;
  readonly expiresInMs: number;
}

/** A URL is renewed so long before its end, so that what begins with it comes to its end. */
const marginMs = 60_000;

/** How long a URL is used from when it came. */
export const usableMs = ({ expiresInMs }: FileUrl): number =>
  Math.max(expiresInMs - marginMs, expiresInMs / 2);

/** A presigned GET of a file or derivative. Those that are asked for in one turn share a request. */
export const fileUrlQuery = <Source extends FileSource>(
  client: Uploader<Source>,
  id: string,
  { derivative = "original", version, disposition = "attachment" }: FileUrlQuery = {},
) =>
  queryOptions({
    ...always,
    queryKey: [...keyOf(client), "url", id, derivative, version, disposition] as const,
    queryFn: async (): Promise<FileUrl> => {
      const wanted = { derivative, disposition, ...(version !== undefined && { version }) };
      const { url, expiresInSeconds } = await client.files.download(id, wanted);
      return { url, expiresInMs: expiresInSeconds * 1000 };
    },
    staleTime: ({ state: { data } }) => (data ? usableMs(data) : 0),
  });
