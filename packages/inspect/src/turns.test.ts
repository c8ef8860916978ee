import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createTurns } from "./turns.ts";

test("never more places are taken than there are, and whoever waits longest is next", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 1, max: 30 }),
      async (places, people) => {
        const turns = createTurns(places);
        const order: number[] = [];
        let inside = 0;
        const visit = async (person: number): Promise<void> => {
          await turns.take();
          inside += 1;
          assert.ok(inside <= places);
          order.push(person);
          await Promise.resolve();
          inside -= 1;
          turns.give();
        };
        const everyone = Array.from({ length: people }, (_, person) => person);
        await Promise.all(everyone.map(visit));
        assert.deepEqual(order, everyone);
      },
    ),
  );
});

test("one who leaves the queue takes no place and does not hold up the next", async () => {
  const turns = createTurns(1);
  await turns.take();
  const leaving = new AbortController();
  const left = assert.rejects(turns.take(leaving.signal), { message: "changed my mind" });
  const next = turns.take();
  leaving.abort(new Error("changed my mind"));
  await left;
  turns.give();
  await next;
  let third = false;
  const waiting = turns.take().then(() => {
    third = true;
  });
  await Promise.resolve();
  assert.equal(third, false);
  turns.give();
  await waiting;
});

test("whoever waits can be turned away", async () => {
  const turns = createTurns(1);
  await turns.take();
  const waiting = assert.rejects(turns.take(), { message: "closing time" });
  turns.turnAway(new Error("closing time"));
  await waiting;
});
