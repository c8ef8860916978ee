import assert from "node:assert/strict";
import { test } from "node:test";
import { createBatch } from "./batch.ts";

test("gathers what comes in one turn, and then what comes while a batch is on its way", async () => {
  const batches: number[][] = [];
  const double = createBatch(3, async (items: number[]) => {
    batches.push(items);
    await new Promise((resolve) => setImmediate(resolve));
    return items.map((item) => item * 2);
  });
  const first = Promise.all([1, 2].map(double));
  await Promise.resolve();
  await Promise.resolve();
  const then = Promise.all([3, 4, 5, 6].map(double));
  assert.deepEqual(await first, [2, 4]);
  assert.deepEqual(await then, [6, 8, 10, 12]);
  assert.deepEqual(batches, [[1, 2], [3, 4, 5], [6]]);
});

test("does not let one batch that stands still hold up many, and keeps few together", async () => {
  const batches: number[][] = [];
  const hanging = createBatch(100, async (items: number[]) => {
    batches.push(items);
    return items.includes(0) ? new Promise<number[]>(() => undefined) : items;
  });
  void hanging(0);
  await Promise.resolve();
  await Promise.resolve();
  const few = [1, 2, 3, 4, 5, 6, 7].map(hanging);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(batches, [[0]]);
  assert.deepEqual(await Promise.all([...few, hanging(8)]), [1, 2, 3, 4, 5, 6, 7, 8]);
  assert.deepEqual(batches, [[0], [1, 2, 3, 4, 5, 6, 7, 8]]);
});

test("fails all items of a batch that failed, and goes on with the next", async () => {
  let runs = 0;
  const one = createBatch(1, async (items: string[]) => {
    runs += 1;
    if (items[0] === "bad") throw new Error("no");
    return items;
  });
  const [bad, good] = await Promise.allSettled([one("bad"), one("good")]);
  assert.equal(bad?.status, "rejected");
  assert.deepEqual(good, { status: "fulfilled", value: "good" });
  assert.equal(runs, 2);
});
