import type { Client, File, FileList, FileSource } from "@stowage/client";
import type { InfiniteData, Query, QueryClient } from "@tanstack/react-query";
import { type FilesScope, fileKey, filesKey, keyOf } from "./query-keys.ts";

type AnyClient = Client<FileSource>;
type Pages = InfiniteData<FileList, string | undefined>;

/** A file as it is now; `undefined` where it is gone. */
type Now = File | undefined;

/** The file as some list has it. */
export const findCached = (queryClient: QueryClient, client: AnyClient, id: string): File | undefined =>
  queryClient
    .getQueriesData<Pages>({ queryKey: filesKey(client) })
    .flatMap(([, data]) => data?.pages ?? [])
    .flatMap(({ items }) => items)
    .find((file) => file.id === id);

/**
 * Makes the caches show files as they are now: in the list of their state, at their place, and in no other; or nowhere.
 * Lists that nobody has asked for stay unasked.
 */
export function putCached(
  queryClient: QueryClient,
  client: AnyClient,
  files: ReadonlyMap<string, Now>,
): void {
  for (const [id, file] of files) {
    const queryKey = fileKey(client, id);
    if (file) queryClient.setQueryData<File>(queryKey, (known) => known && file);
    else queryClient.removeQueries({ queryKey });
  }
  for (const query of queryClient.getQueryCache().findAll({ queryKey: filesKey(client) })) {
    const scope = query.queryKey[3] as FilesScope;
    write(queryClient, query, scope, files);
    if (query.state.fetchStatus !== "idle") void writeAgain(queryClient, query, scope, files);
  }
}

/** Asks anew for what is shown of files: somebody else has changed them. */
export const refetchCached = (queryClient: QueryClient, client: AnyClient): Promise<void> =>
  queryClient.invalidateQueries({
    queryKey: keyOf(client),
    predicate: ({ queryKey: [, , what] }) => what === "files" || what === "file",
  });

/** What has changed in a list while an answer to it is on its way that may have been written before. */
const overtaken = new WeakMap<object, Map<string, Now>>();

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
    // Nothing leaves it as it was, and as old.
    return pages === data.pages ? undefined : { ...data, pages: [...pages] };
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
  for (const [index, { items, nextCursor }] of pages.entries()) {
    const older = items.findIndex((item) => isNewer(file, item));
    const at = older === -1 && nextCursor === null ? items.length : older;
    if (at !== -1) return pages.with(index, { nextCursor, items: items.toSpliced(at, 0, file) });
  }
  return pages;
}

function changeItem(
  pages: readonly FileList[],
  id: string,
  change: (items: File[], index: number) => File[],
): readonly FileList[] {
  for (const [index, { items, nextCursor }] of pages.entries()) {
    const at = items.findIndex((item) => item.id === id);
    if (at !== -1) return pages.with(index, { nextCursor, items: change(items, at) });
  }
  return pages;
}

/** Lists are newest first, the trash by when a file came into it; ids break ties. */
const isNewer = (a: File, b: File): boolean => orderOf(a) > orderOf(b);

const orderOf = ({ state, trashedAt, createdAt, id }: File): string =>
  (state === "trashed" && trashedAt ? trashedAt : createdAt) + id;
