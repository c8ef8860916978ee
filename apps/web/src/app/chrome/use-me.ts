import type { Me } from "@stowage/client";
import { keyOf, useStowage, useUploads } from "@stowage/react";
import { type UseQueryResult, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";

const freshMs = 30_000;

/** Of a thousand uploads the last one matters: it is asked once a while has passed without another. */
const quietMs = 2_000;

/** The person as the server knows them: limits, and how much of their room is used. */
export function useMe(): UseQueryResult<Me> {
  const { client } = useStowage();
  return useQuery({
    queryKey: [...keyOf(client), "me"],
    queryFn: ({ signal }) => client.me({ signal }),
    networkMode: "always",
    retry: false,
    staleTime: freshMs,
  });
}

/** Asks anew what is known of the person when uploads have become files. Once on the page. */
export function useMeAfterUploads(): void {
  const { client } = useStowage();
  const { ready } = useUploads().totals;
  const queryClient = useQueryClient();
  useEffect(() => {
    if (ready === 0) return;
    const timer = setTimeout(
      () => void queryClient.invalidateQueries({ queryKey: [...keyOf(client), "me"] }),
      quietMs,
    );
    return () => clearTimeout(timer);
  }, [ready, client, queryClient]);
}
