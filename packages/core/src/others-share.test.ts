import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { guestStepOf, partsOfBound, roundedUp, smallestGuestStep, stepOf } from "./others-share.ts";

const counts = fc.integer({ min: 0, max: 2 ** 45 });
const bounds = fc.integer({ min: 1, max: 2 ** 45 });
const asGuest = (taken: number, bound: number, smallest: number): number =>
  roundedUp(taken, guestStepOf(bound, taken, smallest));

test("what others have never counts for less than it is, nor for more than one part of the bound beyond it; nothing counts for nothing", () => {
  fc.assert(
    fc.property(counts, bounds, (taken, bound) => {
      const counted = roundedUp(taken, stepOf(bound));
      assert.ok(counted >= taken && counted - taken < Math.max(1, bound / partsOfBound));
      assert.equal(roundedUp(0, stepOf(bound)), 0);
    }),
  );
});

test("what a guest has counts for a quarter more at most, or one smallest step, and never for less where they have more", () => {
  fc.assert(
    fc.property(
      counts,
      counts,
      bounds,
      fc.constantFrom(1, 8, smallestGuestStep.bytes),
      (a, b, bound, smallest) => {
        const [less, more] = [Math.min(a, b), Math.max(a, b)];
        const counted = asGuest(less, bound, smallest);
        assert.ok(counted >= less && counted - less <= Math.max(smallest, less / 4));
        assert.ok(counted <= asGuest(more, bound, smallest));
      },
    ),
  );
});

test("the photos of a guest count alike whatever their sizes are within four mebibytes", () => {
  for (const taken of [1, 3_141_592, 4 * 1024 ** 2])
    assert.equal(asGuest(taken, 10 * 1024 ** 3, smallestGuestStep.bytes), 4 * 1024 ** 2);
});
