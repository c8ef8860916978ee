import type { File, FileListQuery } from "@stowage/client";
import { keyOf } from "@stowage/react";
import type { QueryClient, QueryKey } from "@tanstack/react-query";

/** Lists of files, wherever one is: page by page, or in one answer. */
interface List {
  readonly items: readonly File[];
}

const isList = (data: unknown): data is List =>
  typeof data === "object" && data !== null && "items" in data && Array.isArray(data.items);

const without = (data: unknown, id: string): unknown => {
  if (isList(data)) {
    const items = data.items.filter((file) => file.id !== id);
    return items.length < data.items.length ? { ...data, items } : data;
  }
  if (typeof data !== "object" || data === null || !("pages" in data) || !Array.isArray(data.pages))
    return data;
  const pages = data.pages.map((page) => without(page, id));
  return pages.some((page, index) => page !== (data.pages as unknown[])[index]) ? { ...data, pages } : data;
};

/** One's own lists: what is in the trash is only in another of them. */
const isOwnList = ([, , what, list]: QueryKey): boolean =>
  what === "files" && ["own", "trash"].includes((list as FileListQuery | undefined)?.scope ?? "own");

/** Takes a file that may not be seen any more off the lists of what others show, before those are asked for again. */
export function dropFile(queryClient: QueryClient, client: object, id: string): void {
  const queryKey = keyOf(client);
  // Nothing leaves a list as it was, and as old.
  for (const query of queryClient
    .getQueryCache()
    .findAll({ queryKey, predicate: (each) => !isOwnList(each.queryKey) }))
    queryClient.setQueryData(query.queryKey, (data) => {
      const now = without(data, id);
      return now === data ? undefined : now;
    });
  void queryClient.invalidateQueries({ queryKey: [...queryKey, "file", id] });
}
