import type { CommandContext } from "./command.ts";

/** Most that a list gives in a page. */
const limit = 200;

interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextCursor?: string | null | undefined;
}

/** All items of a list of the API's, page by page. */
export async function* everyItem<Item>(
  { signal }: Pick<CommandContext, "signal">,
  ask: (page: {
    readonly limit: number;
    readonly cursor: string | undefined;
    readonly signal: AbortSignal;
  }) => Promise<Page<Item>>,
): AsyncGenerator<Item> {
  let cursor: string | undefined;
  do {
    const page = await ask({ limit, cursor, signal });
    yield* page.items;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
