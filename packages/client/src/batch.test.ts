import assert from "node:assert/strict";
import { test } from "node:test";
import { createBatch } from "./batch.ts";
import { ProblemError } from "./errors.ts";

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

const malformed = (...pointers: readonly string[]) =>
  new ProblemError({
    type: "about:blank",
    title: "Validation failed",
    status: 400,
    code: "validation-failed",
    detail: "It is malformed.",
    errors: pointers.map((pointer) => ({ pointer, detail: "It is malformed." })),
  });

test("lets what is malformed fail alone, and asks for the others without it", async () => {
  const batches: string[][] = [];
  const lengthOf = createBatch(100, async (items: string[]) => {
    batches.push(items);
    const empty = items.flatMap((item, index) => (item === "" ? [`/files/${index}/id`] : []));
    if (empty.length > 0) throw malformed(...empty);
    return items.map(({ length }) => length);
  });
  const answers = await Promise.allSettled(["a", "", "ccc", ""].map(lengthOf));
  assert.deepEqual(
    answers.map((answer) => (answer.status === "fulfilled" ? answer.value : answer.reason.code)),
    [1, "validation-failed", 3, "validation-failed"],
  );
  assert.deepEqual(batches, [
    ["a", "", "ccc", ""],
    ["a", "ccc"],
  ]);
});

for (const [what, ...pointers] of [
  ["no item"],
  ["one that there is not", "/files/7/id"],
  ["all", "/files/0", "/files/1"],
])
  test(`asks no more where a refusal names ${what}`, async () => {
    let requestCount = 0;
    const refused = createBatch(100, async () => {
      requestCount += 1;
      throw malformed(...pointers);
    });
    const answers = await Promise.allSettled(["a", "b"].map(refused));
    assert.deepEqual(
      answers.map(({ status }) => status),
      ["rejected", "rejected"],
    );
    assert.equal(requestCount, 1);
  });
