import assert from "node:assert/strict";
import { test } from "node:test";
import { createElement } from "react";
import { renderToString } from "react-dom/server";
import { type NextPage, type PagedQuery, useNextPage } from "./use-next-page.ts";

const paged = (query: Partial<PagedQuery>): NextPage & { readonly asked: () => number } => {
  let asked = 0;
  let page: NextPage | undefined;
  const fetchNextPage = () => {
    asked += 1;
    return new Promise<never>(() => undefined);
  };
  const Reader = () => {
    const all = { hasNextPage: true, isFetchingNextPage: false, isError: false, fetchNextPage };
    page = useNextPage({ ...all, ...query });
    return null;
  };
  renderToString(createElement(Reader));
  if (!page) throw new Error("Nothing was rendered.");
  return { ...page, asked: () => asked };
};

test("fetches the page after those that are there", () => {
  const page = paged({});
  assert.deepEqual([page.hasMore, page.canLoadMore], [true, true]);
  page.onEndReached();
  assert.equal(page.asked(), 1);
});

for (const [what, query] of [
  ["there is none", { hasNextPage: false }],
  ["one is on its way", { isFetchingNextPage: true }],
  ["it could not be had", { isError: true }],
] as const)
  test(`fetches no page where ${what}`, () => {
    const page = paged(query);
    assert.equal(page.canLoadMore, false);
    page.onEndReached();
    assert.equal(page.asked(), 0);
  });
