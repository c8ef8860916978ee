import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { createSendSlots, createSlots } from "./slots.ts";

/** Work that lasts until it is told to end, and which of it has begun. */
function createWork() {
  const begun: number[] = [];
  const ends = new Map<number, () => void>();
  return {
    begun,
    of: (id: number) => () => {
      begun.push(id);
      return new Promise<void>((resolve) => ends.set(id, resolve));
    },
    async end(id: number) {
      ends.get(id)?.();
      await turn();
    },
  };
}

test("lets so many work at a time, the others in the order in which they came", async () => {
  const slots = createSlots(() => 2);
  const work = createWork();
  const all = [1, 2, 3, 4].map((id) => slots.run(work.of(id)));
  await turn();
  assert.deepEqual(work.begun, [1, 2]);
  assert.equal(slots.isFull(), true);
  await work.end(2);
  assert.deepEqual(work.begun, [1, 2, 3]);
  await work.end(1);
  for (const id of [3, 4]) await work.end(id);
  await Promise.all(all);
  assert.equal(slots.isFull(), false);
});

test("gives a slot back where the work fails", async () => {
  const slots = createSlots(() => 1);
  await assert.rejects(
    slots.run(async () => {
      throw new Error("no");
    }),
  );
  assert.equal(await slots.run(async () => "yes"), "yes");
});

test("follows a count that changes while slots are held, down and up, and forgets nobody", async () => {
  let count = 3;
  const slots = createSlots(() => count);
  const work = createWork();
  const all = [1, 2, 3, 4, 5, 6, 7].map((id) => slots.run(work.of(id)));
  await turn();
  count = 1;
  for (const id of [1, 2]) await work.end(id);
  assert.deepEqual(work.begun, [1, 2, 3], "until one is left");
  await work.end(3);
  assert.deepEqual(work.begun, [1, 2, 3, 4]);
  count = 3;
  await work.end(4);
  assert.deepEqual(work.begun, [1, 2, 3, 4, 5, 6, 7]);
  for (const id of [5, 6, 7]) await work.end(id);
  await Promise.all(all);
});

test("lets more requests be sent while more are faster, and fewer after failures", async () => {
  let nowMs = 0;
  const { requests, files, count } = createSendSlots({ min: 1, max: 6 }, { nowMs: () => nowMs });
  assert.equal(count, 6);
  for (let file = 0; file < count; file += 1) await files.acquire();
  assert.equal(files.isFull(), true);
  const held = async () => {
    let held = 0;
    for (; !requests.isFull(); held += 1) await requests.acquire();
    for (let one = 0; one < held; one += 1) requests.release();
    return held;
  };
  assert.equal(await held(), 4);
  for (let one = 0; one < 4; one += 1) await requests.acquire();
  for (let one = 0; one < 60; one += 1) {
    nowMs += 300;
    requests.ended(1000 * (one + 1));
    while (!requests.isFull()) await requests.acquire();
  }
  for (let one = 0; one < 6; one += 1) requests.release();
  assert.equal(await held(), 6);
  for (let one = 0; one < 3; one += 1) requests.ended(undefined);
  assert.equal(await held(), 3);
});
