import type { File } from "@stowage/client";
import { type UseQueryResult, useQuery, useQueryClient } from "@tanstack/react-query";
import { useStowage } from "../stowage-provider.ts";
import { findCached } from "./cached-files.ts";
import { fileQuery } from "./file-query.ts";

/** One file; at once where a list has it, and then afresh from the server. */
export function useFile(id: string): UseQueryResult<File> {
  const { client } = useStowage();
  const queryClient = useQueryClient();
  return useQuery({
    ...fileQuery(client, id),
    initialData: () => findCached(queryClient, client, id),
    // As old as can be: it is shown, and asked for.
    initialDataUpdatedAt: 0,
  });
}
