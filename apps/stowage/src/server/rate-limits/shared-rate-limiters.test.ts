import assert from "node:assert/strict";
import { test } from "node:test";
import { RateLimiterMemory } from "rate-limiter-flexible";
import type { StoreLimiter } from "./counting-store.ts";
import { createSharedRateLimiters } from "./shared-rate-limiters.ts";

/** A store that is away when told to, and what is heard of it. */
function createScene() {
  const said: string[] = [];
  const store = { isAway: false, asked: 0, opened: 0 };
  let now = 0;
  const limiters = new Map<string, RateLimiterMemory>();
  const ask = () => {
    store.asked += 1;
    if (store.isAway) throw new Error("no answer");
  };
  const open = createSharedRateLimiters(
    {
      open: async (what, perMinute): Promise<StoreLimiter> => {
        store.opened += 1;
        ask();
        const limiter =
          limiters.get(what) ?? new RateLimiterMemory({ points: perMinute, duration: 60, keyPrefix: what });
        limiters.set(what, limiter);
        return {
          consume: async (key, points) => {
            ask();
            return limiter.consume(key, points);
          },
          reward: (key, points) => limiter.reward(key, points),
        };
      },
      close: async () => undefined,
    },
    { away: (reason) => said.push(reason), back: () => said.push("back") },
    { nowMs: () => now },
  );
  return { open, store, said, advance: (ms: number) => (now += ms) };
}

test("the store grants and refuses, and what it refuses spends nothing", async () => {
  const { open, said } = createScene();
  const creates = open("creates", 3);
  const first = await creates.take("ann", 2);
  assert.deepEqual([first.granted, first.remaining], [true, 1]);
  assert.ok(first.resetsInMs > 59_000 && first.resetsInMs <= 60_000);
  const refused = await creates.take("ann", 2);
  assert.deepEqual([refused.granted, refused.remaining], [false, 1]);
  assert.equal((await creates.take("ann", 1)).granted, true);
  const last = await creates.take("ann", 1);
  assert.deepEqual([last.granted, last.remaining], [false, 0]);
  assert.equal((await open("parts", 3).take("ann", 3)).granted, true, "each has an allowance of its own");
  assert.deepEqual(said, []);
});

test("while the store is away this process counts, nobody is refused for it, and it is said once", async () => {
  const { open, store, said } = createScene();
  const requests = open("requests", 2);
  assert.equal((await requests.take("ann", 1)).granted, true);
  store.isAway = true;
  const taken = await Promise.all(Array.from({ length: 4 }, () => requests.take("ann", 1)));
  assert.deepEqual(
    taken.map(({ granted }) => granted),
    [true, true, false, false],
  );
  assert.equal((await open("addresses", 2).take("192.0.2.1", 1)).granted, true);
  assert.deepEqual(said, ["no answer"]);
});

test("a store that is away is tried by one request now and then, and counts again once it answers", async () => {
  const { open, store, said, advance } = createScene();
  const requests = open("requests", 100);
  store.isAway = true;
  await requests.take("ann", 1);
  const { asked } = store;
  advance(4_999);
  await requests.take("ann", 1);
  assert.equal(store.asked, asked, "left alone");
  advance(1);
  await Promise.all(Array.from({ length: 10 }, () => requests.take("ann", 1)));
  assert.equal(store.asked, asked + 1, "tried once");
  advance(5_000);
  store.isAway = false;
  await requests.take("ann", 1);
  assert.deepEqual(said, ["no answer", "back"]);
  assert.equal((await requests.take("ann", 1)).remaining, 98, "as the store says");
  store.isAway = true;
  await requests.take("ann", 1);
  assert.deepEqual(said, ["no answer", "back", "no answer"]);
});
