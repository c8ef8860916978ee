export interface Page<Item, Position> {
  readonly items: readonly Item[];
  /** Where the next page begins; absent on the last. */
  readonly next?: Position;
}

/** Makes a page from one row more than was asked for: that row's presence says that there is a next page. */
export function pageOf<Item, Position>(
  rows: readonly Item[],
  limit: number,
  positionOf: (item: Item) => Position,
): Page<Item, Position> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return rows.length > limit && last !== undefined ? { items, next: positionOf(last) } : { items };
}
