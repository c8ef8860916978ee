import type { FileSource, Uploader } from "@stowage/client";
import { queryOptions } from "@tanstack/react-query";
import { always } from "./query-defaults.ts";
import { fileKey } from "./query-keys.ts";

/** One file by its id. Its error is a ProblemError `not-found` where there is none. */
export const fileQuery = <Source extends FileSource>(client: Uploader<Source>, id: string) =>
  queryOptions({
    ...always,
    queryKey: fileKey(client, id),
    queryFn: ({ signal }) => client.files.get(id, { signal }),
  });
