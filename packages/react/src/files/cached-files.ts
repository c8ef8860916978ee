import type { Client, File, FileList, FileSource } from "@stowage/client";
import type { InfiniteData, QueryClient } from "@tanstack/react-query";
import { type FilesScope, fileKey, filesKey } from "./query-keys.ts";

type AnyClient = Client<FileSource>;
type Pages = InfiniteData<FileList, string | undefined>;

/** The file as some list has it. */
export function findCached(queryClient: QueryClient, client: AnyClient, id: string): File | undefined {
  for (const [, data] of queryClient.getQueriesData<Pages>({ queryKey: filesKey(client) }))
    for (const { items } of data?.pages ?? []) {
      const file = items.find((item) => item.id === id);
      if (file) return file;
    }
  return undefined;
}

/**
 * Makes the caches show files as they are now: in the list of their state, at their place, and in no other. Lists that
 * nobody has asked for stay unasked.
 */
export function putCached(queryClient: QueryClient, client: AnyClient, files: readonly File[]): void {
  for (const file of files)
    if (queryClient.getQueryData(fileKey(client, file.id)))
      queryClient.setQueryData(fileKey(client, file.id), file);
  for (const scope of ["own", "trash"] as const)
    update(queryClient, client, scope, (pages) =>
      files.reduce(
        (left, file) => (scopeOf(file) === scope ? place(left, file) : without(left, file.id)),
        pages,
      ),
    );
}

/** Makes the caches forget a file. */
export function dropCached(queryClient: QueryClient, client: AnyClient, id: string): void {
  queryClient.removeQueries({ queryKey: fileKey(client, id) });
  for (const scope of ["own", "trash"] as const)
    update(queryClient, client, scope, (pages) => without(pages, id));
}

/** Asks anew for what is shown: somebody else has changed it. */
export async function refetchCached(queryClient: QueryClient, client: AnyClient, id: string): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: filesKey(client) }),
    queryClient.invalidateQueries({ queryKey: fileKey(client, id) }),
  ]);
}

const scopeOf = ({ state }: File): FilesScope => (state === "trashed" ? "trash" : "own");

function update(
  queryClient: QueryClient,
  client: AnyClient,
  scope: FilesScope,
  change: (pages: readonly FileList[]) => readonly FileList[],
): void {
  const queryKey = filesKey(client, scope);
  const data = queryClient.getQueryData<Pages>(queryKey);
  if (!data) return;
  const pages = change(data.pages);
  if (pages !== data.pages) queryClient.setQueryData<Pages>(queryKey, { ...data, pages: [...pages] });
  // An answer that is on its way was written before this: it is asked for anew.
  if (queryClient.isFetching({ queryKey }) > 0) void queryClient.invalidateQueries({ queryKey });
}

function without(pages: readonly FileList[], id: string): readonly FileList[] {
  return pages.some(({ items }) => items.some((item) => item.id === id))
    ? pages.map((page) => ({ ...page, items: page.items.filter((item) => item.id !== id) }))
    : pages;
}

/** Where it is already it stays; else where its age belongs, unless that is beyond what has been fetched. */
function place(pages: readonly FileList[], file: File): readonly FileList[] {
  if (pages.some(({ items }) => items.some(({ id }) => id === file.id)))
    return pages.map((page) => ({
      ...page,
      items: page.items.map((item) => (item.id === file.id ? file : item)),
    }));
  const last = pages.length - 1;
  for (const [index, page] of pages.entries()) {
    const before = page.items.findIndex((item) => isNewer(file, item));
    if (before === -1 && (index < last || page.nextCursor !== null)) continue;
    const at = before === -1 ? page.items.length : before;
    const items = [...page.items.slice(0, at), file, ...page.items.slice(at)];
    return pages.map((other) => (other === page ? { ...page, items } : other));
  }
  return pages;
}

/** Lists are newest first; ids are time-ordered and break ties. */
const isNewer = (a: File, b: File): boolean =>
  a.createdAt > b.createdAt || (a.createdAt === b.createdAt && a.id > b.id);
