import type { ListPosition } from "../ports/metadata-store.ts";

export interface Page<Item> {
  readonly items: readonly Item[];
  /** Where the next page begins; absent on the last. */
  readonly next?: ListPosition;
}

/** Makes a page from one row more than was asked for: that row's presence says that there is a next page. */
export function pageOf<Item extends ListPosition>(rows: readonly Item[], limit: number): Page<Item> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return rows.length > limit && last
    ? { items, next: { createdAtMs: last.createdAtMs, id: last.id } }
    : { items };
}
