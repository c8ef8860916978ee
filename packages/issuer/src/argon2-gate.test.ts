import assert from "node:assert/strict";
import { test } from "node:test";
import { createGate } from "./argon2-gate.ts";
import { PasswordQueueFullError } from "./errors.ts";

test("no more run at once than may, the others in their order, and what is too much is refused at once", async () => {
  const pass = createGate({ atOnce: 2, mostWaiting: 3 });
  let running = 0;
  let mostRunning = 0;
  const order: number[] = [];
  const settle: (() => void)[] = [];
  const work = (name: number) => async () => {
    running += 1;
    mostRunning = Math.max(mostRunning, running);
    order.push(name);
    await new Promise<void>((resolve) => settle.push(resolve));
    running -= 1;
    if (name === 1) throw new Error("1 failed");
  };
  const all = [0, 1, 2, 3, 4].map((name) => pass(work(name)));
  await assert.rejects(pass(work(5)), PasswordQueueFullError);
  const settled = Promise.allSettled(all);
  while (order.length < 5 || running > 0) {
    settle.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.deepEqual(
    (await settled).map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled", "fulfilled", "fulfilled"],
  );
  assert.equal(mostRunning, 2);
  assert.deepEqual(order, [0, 1, 2, 3, 4]);
  // A failure gives its place back too.
  assert.equal(await pass(async () => "free"), "free");
});
