import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { queueLockCases } from "../queue/queue-lock.contract.ts";
import { createMemoryLocks } from "./memory-lock.contract.ts";

describe("the lock in memory is a QueueLock that", () => {
  for (const { name, run } of queueLockCases) it(name, () => run(createMemoryLocks(), "queue"));

  it("asks who leads to step down when another wants to", async () => {
    const open = createMemoryLocks();
    const { signal } = new AbortController();
    let mayYield = false;
    const first = await open("queue").acquire(signal, () => mayYield);
    const second = open("queue").acquire(signal, () => false);
    assert.equal(first.lost.aborted, false);
    mayYield = true;
    const third = open("queue").acquire(signal, () => false);
    assert.equal(first.lost.aborted, true);
    first.release();
    (await second).release();
    (await third).release();
  });
});
