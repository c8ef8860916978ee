import assert from "node:assert/strict";
import { test } from "node:test";
import { type FileSource, NetworkError, ProblemError, type Uploader } from "@stowage/client";
import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { albumQuery } from "./album-queries.ts";

/** When an album is asked for again that could not be had. */
async function whenAgain(error: Error) {
  const queryClient = new QueryClient();
  const query = {
    // Only told apart, never called.
    ...albumQuery({ platform: {} } as Uploader<FileSource>, "1"),
    queryFn: () => Promise.reject(error),
  };
  await assert.rejects(queryClient.fetchQuery(query), error);
  const observer = new QueryObserver(queryClient, query);
  assert.ok(typeof query.refetchInterval === "function");
  return {
    everyMs: query.refetchInterval(observer.getCurrentQuery()),
    atReturn: observer.shouldFetchOnReconnect(),
  };
}

test("asks again for an album that could not be had, from time to time and when the network is back", async () => {
  assert.deepEqual(await whenAgain(new NetworkError("No answer came.")), { everyMs: 15_000, atReturn: true });
});

test("asks for an album that is refused when the network is back at most", async () => {
  const refused = new ProblemError({
    type: "about:blank",
    title: "Not found",
    status: 404,
    code: "not-found",
    detail: "There is no such album.",
  });
  assert.deepEqual(await whenAgain(refused), { everyMs: undefined, atReturn: true });
});
