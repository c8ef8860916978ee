import type { ClientError } from "@stowage/client";
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { useStowage } from "../stowage-provider.ts";
import { type FileUrl, type FileUrlQuery, fileUrlQuery, usableMs, whileItFails } from "./file-queries.ts";

export interface UseFileUrlOptions extends FileUrlQuery {
  /** Renew it before it runs out, for as long as it is shown. Default true. */
  readonly renew?: boolean;
  /** Default true. */
  readonly enabled?: boolean;
}

export interface UseFileUrlResult {
  /** `undefined` while it is asked for, and where it can't be had: it is asked for again then, where that may help. */
  readonly url: string | undefined;
  readonly error: ClientError | null;
  /** Asks for another one, where this one has failed. */
  renew(): Promise<void>;
}

export interface UrlFailure {
  /** `updatedAt` of the URL that nothing came by. */
  readonly at: number;
  /** How many did so, one after another. */
  readonly count: number;
}

const longestPauseMs = 60_000;

/** A URL for an `<img>`, a link or a player. It works for about ten minutes. */
export const useFileUrl: (id: string, options?: UseFileUrlOptions) => UseFileUrlResult = useWorkingUrl;

/** The same, with another URL after 10 ms, 0.1, 1, 10 and then every 60 s, and when the network or the person is back, where nothing came by one. */
export function useWorkingUrl(
  id: string,
  {
    renew = true,
    enabled = true,
    failure,
    ...query
  }: UseFileUrlOptions & { readonly failure?: UrlFailure } = {},
): UseFileUrlResult & { readonly updatedAt: number } {
  const { client } = useStowage();
  const hasFailed = (state: { readonly dataUpdatedAt: number }) =>
    !!failure?.count && state.dataUpdatedAt === failure.at;
  const whenBack = ({
    state,
  }: {
    readonly state: { readonly data: FileUrl | undefined; dataUpdatedAt: number };
  }) => (hasFailed(state) ? "always" : renew || !state.data);
  const { data, error, dataUpdatedAt, refetch } = useQuery({
    ...fileUrlQuery(client, id, query),
    enabled,
    refetchInterval: (asked) => {
      const { data, error } = asked.state;
      if (error) return whileItFails(asked);
      if (failure && hasFailed(asked.state)) return Math.min(longestPauseMs, 10 ** failure.count);
      return renew && data ? usableMs(data) : false;
    },
    // After a night's sleep no timer has run.
    refetchOnWindowFocus: whenBack,
    refetchOnReconnect: whenBack,
  });
  const hasRunOut = !!data && Date.now() >= dataUpdatedAt + data.expiresInMs;
  // Nobody has renewed it, and now it is shown again.
  useEffect(() => {
    if (hasRunOut && enabled) void refetch({ cancelRefetch: false });
  }, [hasRunOut, enabled, refetch]);
  return {
    url: hasRunOut ? undefined : data?.url,
    error: error as ClientError | null,
    renew: async () => void (await refetch({ cancelRefetch: false })),
    updatedAt: dataUpdatedAt,
  };
}
