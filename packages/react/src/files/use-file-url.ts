import type { ClientError } from "@stowage/client";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useStowage } from "../stowage-provider.ts";
import { type FileUrlQuery, fileUrlQuery, usableMs } from "./file-url-query.ts";

export interface UseFileUrlOptions extends FileUrlQuery {
  /** Renew it before it runs out, for as long as it is shown. Default true. */
  readonly renew?: boolean;
  /** Default true. */
  readonly enabled?: boolean;
}

export interface UseFileUrlResult {
  /** `undefined` while it is asked for, and where it can't be had. */
  readonly url: string | undefined;
  readonly error: ClientError | null;
  /** Asks for another one, where this one has failed. */
  renew(): Promise<void>;
}

/** A URL that could not be renewed works a little longer: it is asked for again meanwhile. */
const repeatMs = 15_000;

/** A URL for an `<img>`, a link or a player. It works for about ten minutes. */
export function useFileUrl(
  id: string,
  { renew = true, enabled = true, ...query }: UseFileUrlOptions = {},
): UseFileUrlResult {
  const { client } = useStowage();
  const { data, error, dataUpdatedAt, refetch } = useQuery({
    ...fileUrlQuery(client, id, query),
    enabled,
    refetchInterval: ({ state }) =>
      renew && state.data ? (state.status === "error" ? repeatMs : usableMs(state.data)) : false,
    // After a night's sleep no timer has run.
    refetchOnWindowFocus: renew,
  });
  const hasRunOut = data !== undefined && Date.now() >= dataUpdatedAt + data.expiresInMs;
  // Nobody has renewed it, and now it is shown again.
  useEffect(() => {
    if (hasRunOut && enabled) void refetch({ cancelRefetch: false });
  }, [hasRunOut, enabled, refetch]);
  return {
    url: hasRunOut ? undefined : data?.url,
    error: error as ClientError | null,
    renew: async () => void (await refetch({ cancelRefetch: false })),
  };
}
