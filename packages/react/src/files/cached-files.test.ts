import assert from "node:assert/strict";
import { test } from "node:test";
import type { File, FileSource, Uploader } from "@stowage/client";
import { QueryClient } from "@tanstack/react-query";
import { putCached } from "./cached-files.ts";
import { filesQuery } from "./file-queries.ts";

test("a new file is put where it belongs by time, and asked for anew where the server alone knows", () => {
  // Only told apart, never called.
  const client = { platform: {} } as Uploader<FileSource>;
  const queryClient = new QueryClient();
  const lists = [filesQuery(client, { q: undefined }), filesQuery(client, { sort: "name" })] as const;
  for (const { queryKey } of lists)
    queryClient.setQueryData(queryKey, { pages: [{ items: [], nextCursor: null }], pageParams: [undefined] });
  const file = { id: "1", name: "a", state: "ready", createdAt: "2026-01-01T00:00:00.000Z" } as File;
  putCached(queryClient, client, new Map([[file.id, file]]));
  const [byTime, byName] = lists.map(({ queryKey }) => queryClient.getQueryState(queryKey));
  assert.deepEqual(queryClient.getQueryData(lists[0].queryKey)?.pages[0]?.items, [file]);
  assert.deepEqual([byTime?.isInvalidated, byName?.isInvalidated], [false, true]);
});
