import type { ObjectHead, ObjectStore } from "../ports/object-store.ts";

/**
 * What a listing says of one key. A listing also shows an object whose content the store can't give out any more, of
 * which HEAD may say no more than that the store failed.
 */
export async function findListed(objects: ObjectStore, key: string): Promise<ObjectHead | undefined> {
  const { items } = await objects.list({ prefix: key, limit: 1 });
  return items[0]?.key === key ? items[0] : undefined;
}

/** Looks keys up in a listing of all that begins with a prefix; cheap for keys asked for in their order. */
export function createListCursor(
  objects: ObjectStore,
  prefix: string,
): (key: string) => Promise<ObjectHead | undefined> {
  let items: readonly ObjectHead[] = [];
  let index = 0;
  let after: string | undefined;
  let isAtEnd = false;
  return async (key) => {
    for (;;) {
      for (; index < items.length; index += 1) {
        const head = items[index];
        if (head !== undefined && head.key >= key) return head.key === key ? head : undefined;
      }
      if (isAtEnd) return undefined;
      const page = await objects.list({ prefix, limit: 1000, ...(after === undefined ? {} : { after }) });
      items = page.items;
      index = 0;
      after = page.next;
      isAtEnd = after === undefined;
    }
  };
}
