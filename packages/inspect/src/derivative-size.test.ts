import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decideDerivativeSize } from "./derivative-size.ts";

const side = fc.integer({ min: 1, max: 20_000 });
const size = fc.record({ width: side, height: side });

test("contain fits within the box and keeps the proportions", () => {
  const { output } = decideDerivativeSize(
    { width: 4000, height: 3000 },
    { width: 1600, height: 1600, fit: "contain" },
  );
  assert.deepEqual(output, { width: 1600, height: 1200 });
});

test("cover fills the box, from a picture scaled to just cover it", () => {
  const { output, whole } = decideDerivativeSize(
    { width: 4000, height: 3000 },
    { width: 320, height: 320, fit: "cover" },
  );
  assert.deepEqual(output, { width: 320, height: 320 });
  assert.deepEqual(whole, { width: 427, height: 320 });
});

test("a small image is never enlarged: contain leaves it as it is, cover cuts it to the box's proportions", () => {
  const image = { width: 100, height: 60 };
  assert.deepEqual(decideDerivativeSize(image, { width: 320, height: 320, fit: "contain" }).output, image);
  assert.deepEqual(decideDerivativeSize(image, { width: 400, height: 400, fit: "cover" }).output, {
    width: 60,
    height: 60,
  });
});

test("any derivative of any image lies within box and image, and within what it is cut from", () => {
  fc.assert(
    fc.property(size, size, fc.constantFrom("contain" as const, "cover" as const), (image, box, fit) => {
      const { output, whole } = decideDerivativeSize(image, { ...box, fit });
      for (const dimension of ["width", "height"] as const) {
        assert.ok(Number.isInteger(output[dimension]) && output[dimension] >= 1);
        assert.ok(output[dimension] <= box[dimension]);
        assert.ok(output[dimension] <= whole[dimension]);
        assert.ok(whole[dimension] <= image[dimension]);
      }
    }),
  );
});
