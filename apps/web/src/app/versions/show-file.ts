import type { File, FileList, FileListQuery, FileSource, Uploader } from "@stowage/client";
import { fileQuery, keyOf } from "@stowage/react";
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { versionsKey } from "./versions-query.ts";

type Pages = InfiniteData<FileList, string | undefined>;

/** Shows a file as it is now, wherever the page has it, and asks anew for its history and the room that is used. */
export function showFile(queryClient: QueryClient, client: Uploader<FileSource>, file: File): void {
  const lists = [...keyOf(client), "files"];
  queryClient.setQueryData(fileQuery(client, file.id).queryKey, file);
  queryClient.setQueriesData<Pages>({ queryKey: lists }, (data) => data && withFile(data, file));
  // Another content may be of another kind, or taken at another time; what is in the trash is in another list.
  void queryClient.invalidateQueries({
    queryKey: lists,
    predicate: ({ queryKey }) => file.state !== "ready" || goesByContent(queryKey[3] as FileListQuery),
  });
  void queryClient.invalidateQueries({ queryKey: versionsKey(client, file.id) });
  void queryClient.invalidateQueries({ queryKey: [...keyOf(client), "me"] });
}

/** Asks anew for a file and its history: somebody else has changed them. */
export function refetchFile(queryClient: QueryClient, client: Uploader<FileSource>, id: string): void {
  void queryClient.invalidateQueries({ queryKey: fileQuery(client, id).queryKey });
  void queryClient.invalidateQueries({ queryKey: versionsKey(client, id) });
}

const goesByContent = ({ sort, type }: FileListQuery): boolean => sort === "taken" || type !== undefined;

function withFile(data: Pages, file: File): Pages {
  const has = ({ items }: FileList): boolean => items.some(({ id }) => id === file.id);
  if (!data.pages.some(has)) return data;
  const pages = data.pages.map((page) =>
    has(page) ? { ...page, items: page.items.map((item) => (item.id === file.id ? file : item)) } : page,
  );
  return { ...data, pages };
}
