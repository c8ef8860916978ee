import type { Client, File, FileList, FileSource } from "@stowage/client";
import type { InfiniteData, Query, QueryClient } from "@tanstack/react-query";
import { type FilesScope, fileKey, filesKey } from "./query-keys.ts";

type AnyClient = Client<FileSource>;
type Pages = InfiniteData<FileList, string | undefined>;

/** A file as it is now; `undefined` where it is gone. */
type Now = File | undefined;

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
    queryClient.setQueryData<File>(fileKey(client, file.id), (known) => known && file);
  updateLists(queryClient, client, new Map(files.map((file) => [file.id, file])));
}

/** Makes the caches forget a file. */
export function dropCached(queryClient: QueryClient, client: AnyClient, id: string): void {
  queryClient.removeQueries({ queryKey: fileKey(client, id) });
  updateLists(queryClient, client, new Map([[id, undefined]]));
}

/** Asks anew for what is shown: somebody else has changed it. */
export async function refetchCached(queryClient: QueryClient, client: AnyClient, id: string): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: filesKey(client) }),
    queryClient.invalidateQueries({ queryKey: fileKey(client, id) }),
  ]);
}

/** What has changed in a list while an answer to it is on its way that may have been written before. */
const overtaken = new WeakMap<object, Map<string, Now>>();

function updateLists(queryClient: QueryClient, client: AnyClient, files: ReadonlyMap<string, Now>): void {
  for (const query of queryClient.getQueryCache().findAll({ queryKey: filesKey(client) })) {
    const scope = query.queryKey[3] as FilesScope;
    write(queryClient, query, scope, files);
    if (query.state.fetchStatus !== "idle") void writeAgain(queryClient, query, scope, files);
  }
}

function write(
  queryClient: QueryClient,
  { queryKey }: Query,
  scope: FilesScope,
  files: ReadonlyMap<string, Now>,
): void {
  queryClient.setQueryData<Pages>(queryKey, (data) => {
    if (!data) return undefined;
    let pages: readonly FileList[] = data.pages;
    for (const [id, file] of files)
      pages = file && scopeOf(file) === scope ? place(pages, file) : without(pages, id);
    return pages === data.pages ? data : { ...data, pages: [...pages] };
  });
}

async function writeAgain(
  queryClient: QueryClient,
  query: Query,
  scope: FilesScope,
  files: ReadonlyMap<string, Now>,
): Promise<void> {
  const earlier = overtaken.get(query);
  const changes = earlier ?? new Map<string, Now>();
  for (const [id, file] of files) changes.set(id, file);
  if (earlier) return;
  overtaken.set(query, changes);
  // However it ends: what is to be shown is in the cache then.
  await Promise.allSettled([query.promise]);
  overtaken.delete(query);
  write(queryClient, query, scope, changes);
}

const scopeOf = ({ state }: File): FilesScope => (state === "trashed" ? "trash" : "own");

function without(pages: readonly FileList[], id: string): readonly FileList[] {
  return changeItem(pages, id, (items, index) => items.toSpliced(index, 1));
}

/** Where it is already it stays; else where its age belongs, unless that is beyond what has been fetched. */
function place(pages: readonly FileList[], file: File): readonly FileList[] {
  const replaced = changeItem(pages, file.id, (items, index) => items.with(index, file));
  if (replaced !== pages) return replaced;
  for (const [index, page] of pages.entries()) {
    const older = page.items.findIndex((item) => isNewer(file, item));
    if (older === -1 && page.nextCursor !== null) continue;
    const at = older === -1 ? page.items.length : older;
    return pages.with(index, { ...page, items: page.items.toSpliced(at, 0, file) });
  }
  return pages;
}

function changeItem(
  pages: readonly FileList[],
  id: string,
  change: (items: File[], index: number) => File[],
): readonly FileList[] {
  for (const [index, page] of pages.entries()) {
    const at = page.items.findIndex((item) => item.id === id);
    if (at !== -1) return pages.with(index, { ...page, items: change(page.items, at) });
  }
  return pages;
}

/** Lists are newest first; ids are time-ordered and break ties. */
const isNewer = (a: File, b: File): boolean =>
  a.createdAt > b.createdAt || (a.createdAt === b.createdAt && a.id > b.id);
