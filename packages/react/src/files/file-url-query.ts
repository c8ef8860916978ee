import type { FileSource, Uploader } from "@stowage/client";
import { queryOptions } from "@tanstack/react-query";
import { always } from "./query-defaults.ts";
import { keyOf } from "./query-keys.ts";

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
    queryKey: [...keyOf(client), "url", id, derivative, version ?? null, disposition] as const,
    queryFn: async (): Promise<FileUrl> => {
      const wanted = { derivative, disposition, ...(version !== undefined && { version }) };
      const { url, expiresInSeconds } = await client.files.download(id, wanted);
      return { url, expiresInMs: expiresInSeconds * 1000 };
    },
    staleTime: ({ state: { data } }) => (data ? usableMs(data) : 0),
    refetchOnReconnect: false,
  });
