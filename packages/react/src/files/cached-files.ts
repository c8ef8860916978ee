import type { File, FileList, FileListQuery, FileSource, Uploader } from "@stowage/client";
import type { InfiniteData, Query, QueryClient, QueryKey } from "@tanstack/react-query";
import { fileKey, filesKey, keyOf } from "./query-keys.ts";

type AnyClient = Uploader<FileSource>;
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
    const { queryKey } = query;
    write(queryClient, queryKey, files);
    // Whether it belongs there, and where, is the server's to say.
    if (!isPlaced(listOf(queryKey))) void queryClient.invalidateQueries({ queryKey });
    if (query.state.fetchStatus !== "idle") void writeAgain(queryClient, query, files);
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

const listOf = (queryKey: QueryKey) => queryKey[3] as FileListQuery;

/** Whether where a file belongs in a list can be told here: newest first, and all of a scope. */
const isPlaced = (list: FileListQuery): boolean => Object.values(list).filter(Boolean).length < 2;

function write(queryClient: QueryClient, queryKey: QueryKey, files: ReadonlyMap<string, Now>): void {
  const list = listOf(queryKey);
  queryClient.setQueryData<Pages>(queryKey, (data) => {
    if (!data) return undefined;
    let pages: readonly FileList[] = data.pages;
    for (const [id, file] of files)
      pages = put(pages, id, file && scopeOf(file) === list.scope ? file : undefined, list);
    // Nothing leaves it as it was, and as old.
    return pages === data.pages ? undefined : { ...data, pages: [...pages] };
  });
}

async function writeAgain(
  queryClient: QueryClient,
  query: Query,
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
  write(queryClient, query.queryKey, changes);
}

const scopeOf = ({ state }: File): FileListQuery["scope"] => (state === "trashed" ? "trash" : "own");

/** Where it is already it stays, or goes; else it comes where its time has it, unless that is beyond what has been fetched. */
function put(pages: readonly FileList[], id: string, file: Now, list: FileListQuery): readonly FileList[] {
  const added = file ? [file] : [];
  for (const [index, { items, nextCursor }] of pages.entries()) {
    const at = items.findIndex((item) => item.id === id);
    if (at >= 0) return pages.with(index, { nextCursor, items: items.toSpliced(at, 1, ...added) });
  }
  if (file && isPlaced(list))
    for (const [index, { items, nextCursor }] of pages.entries()) {
      const older = items.findIndex((item) => orderOf(file) > orderOf(item));
      const at = older < 0 && nextCursor === null ? items.length : older;
      if (at >= 0) return pages.with(index, { nextCursor, items: items.toSpliced(at, 0, ...added) });
    }
  return pages;
}

/** What the newest has the most of; ids break ties. */
const orderOf = ({ state, trashedAt, createdAt, id }: File): string =>
  ((state === "trashed" && trashedAt) || createdAt) + id;
