import assert from "node:assert/strict";
import { test } from "node:test";
import { takeTurns } from "./take-turns.ts";

test("never more work at a time than may, whoever comes in the moment in which one has finished", async () => {
  const inTurn = takeTurns(2);
  let working = 0;
  let most = 0;
  const done: number[] = [];
  const work = (number: number) =>
    inTurn(async () => {
      working += 1;
      most = Math.max(most, working);
      await new Promise((resolve) => setImmediate(resolve));
      working -= 1;
      done.push(number);
    });
  const first = [0, 1, 2, 3].map(work);
  const late = first.map((each, index) => each.then(() => work(4 + index)));
  await Promise.all([...first, ...late]);
  assert.deepEqual([most, working, done.length], [2, 0, 8]);
});

test("who gives up while waiting takes no place, and loses nobody theirs", async () => {
  const inTurn = takeTurns(1);
  const gate = Promise.withResolvers<void>();
  const first = inTurn(() => gate.promise);
  const leaving = new AbortController();
  const left = inTurn(async () => assert.fail("it has left"), leaving.signal);
  const last = inTurn(async () => "its turn");
  leaving.abort(new Error("no more"));
  await assert.rejects(left, /no more/);
  gate.resolve();
  await first;
  assert.equal(await last, "its turn");
});
