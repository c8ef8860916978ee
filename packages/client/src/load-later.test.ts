import assert from "node:assert/strict";
import { test } from "node:test";
import { NetworkError } from "./errors.ts";
import { loadLater, madeLater } from "./load-later.ts";

test("fails as a network does where a part of the program can't be loaded", async () => {
  const cause = new TypeError("Failed to fetch dynamically imported module");
  await assert.rejects(
    loadLater(() => Promise.reject(cause)),
    (error) => error instanceof NetworkError && error.code === "network" && error.cause === cause,
  );
});

test("makes an object once, at the first call, and again where that failed", async () => {
  let made = 0;
  const thing = madeLater<{ twice(count: number): Promise<number> }>(async () => {
    made += 1;
    if (made === 1) throw new TypeError("no network");
    return { twice: async (count) => count * 2 };
  });
  assert.equal(await thing, thing);
  assert.equal(made, 0);
  await assert.rejects(thing.twice(1), NetworkError);
  assert.deepEqual(await Promise.all([thing.twice(2), thing.twice(3)]), [4, 6]);
  assert.equal(made, 2);
});
