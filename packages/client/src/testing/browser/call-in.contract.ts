import type { Page } from "playwright-core";

/** Calls a function that a page's module has put on `globalThis`. */
export const callIn = <Result>(page: Page, name: string, args: readonly unknown[]): Promise<Result> =>
  page.evaluate(
    ([called, given]) => {
      const named = globalThis as unknown as Record<string, (...all: readonly unknown[]) => Result>;
      const wanted = named[called];
      if (!wanted) throw new Error(`The page has no ${called}.`);
      return wanted(...given);
    },
    [name, args] as const,
  ) as Promise<Result>;
