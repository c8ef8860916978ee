import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type BytesSource, sourceOf } from "../testing/test-platform.contract.ts";
import { createMemoryQueueStore } from "./memory-queue-store.ts";
import { bytesOf, queueStoreCases, rowOf } from "./queue-store.contract.ts";

describe("the queue store in memory is a QueueStore that", () => {
  for (const { name, needsDurable, run } of queueStoreCases)
    it(name, { skip: needsDurable ?? false }, () =>
      run<BytesSource>(
        {
          open: async () => createMemoryQueueStore(),
          newSource: sourceOf,
          read: async (bytes) => new Uint8Array(await bytes.body().arrayBuffer()),
        },
        "owner",
      ),
    );

  it("copies nothing: what it gives back is what it was given", async () => {
    const store = createMemoryQueueStore<BytesSource>();
    assert.equal(store.isDurable, false);
    const source = sourceOf("a.jpg", bytesOf(10));
    await store.keep("a", source, new AbortController().signal);
    assert.equal(await store.source(rowOf("a", 1, { sizeBytes: 10 })), source);
  });
});
