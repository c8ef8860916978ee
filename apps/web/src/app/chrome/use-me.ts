import type { Me } from "@stowage/client";
import { keyOf, useStowage, useUploads } from "@stowage/react";
import { type UseQueryResult, useQuery } from "@tanstack/react-query";

const freshMs = 30_000;

/** The person as the server knows them: limits, and how much of their room is used. Asked anew as uploads end. */
export function useMe(): UseQueryResult<Me> {
  const { client } = useStowage();
  const { totals } = useUploads();
  return useQuery({
    queryKey: [...keyOf(client), "me", totals.ready],
    queryFn: ({ signal }) => client.me({ signal }),
    placeholderData: (before) => before,
    networkMode: "always",
    retry: false,
    staleTime: freshMs,
  });
}
