import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decideDerivativeSize, maxWholePixels } from "./derivative-size.ts";

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

const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const point = fc.record({ x: fraction, y: fraction });
const crop = fc
  .record({ x: fraction, y: fraction, toX: fraction, toY: fraction })
  .filter(({ x, y, toX, toY }) => toX - x > 0.0001 && toY - y > 0.0001)
  .map(({ x, y, toX, toY }) => ({ x, y, width: toX - x, height: toY - y }));

test("any derivative of any image lies within box and image, and within what it is cut from", () => {
  const aim = fc.record({ crop, focus: point }, { requiredKeys: [] });
  fc.assert(
    fc.property(
      size,
      size,
      fc.constantFrom("contain" as const, "cover" as const),
      aim,
      (image, box, fit, where) => {
        const { output, whole, at } = decideDerivativeSize(image, { ...box, fit, ...where });
        for (const [dimension, start] of [
          ["width", at.left],
          ["height", at.top],
        ] as const) {
          assert.ok(Number.isInteger(output[dimension]) && output[dimension] >= 1);
          assert.ok(output[dimension] <= box[dimension]);
          assert.ok(Number.isInteger(start) && start >= 0 && start + output[dimension] <= whole[dimension]);
          assert.ok(whole[dimension] <= image[dimension]);
        }
        // Rounding to whole pixels, of which a line has one at least.
        assert.ok(whole.width * whole.height <= maxWholePixels + whole.width + whole.height + 20_000);
      },
    ),
  );
});

test("cover keeps the point of interest in the middle, as far as the picture reaches", () => {
  const image = { width: 4000, height: 2000 };
  const box = { width: 200, height: 200, fit: "cover" } as const;
  const leftOf = (x: number) => decideDerivativeSize(image, { ...box, focus: { x, y: 0.5 } }).at.left;
  assert.deepEqual([0, 0.25, 0.3, 0.5, 0.75, 1].map(leftOf), [0, 0, 20, 100, 200, 200]);
});

test("cover shows the crop alone, as large as it is", () => {
  const image = { width: 4000, height: 2000 };
  const quarter = { x: 0.5, y: 0.5, width: 0.5, height: 0.5 };
  const { output, whole, at } = decideDerivativeSize(image, {
    width: 200,
    height: 100,
    fit: "cover",
    crop: quarter,
  });
  assert.deepEqual(
    [output, whole, at],
    [
      { width: 200, height: 100 },
      { width: 400, height: 200 },
      { left: 200, top: 100 },
    ],
  );
});

test("a crop of other proportions is cut at its middle, or around the point of interest within it", () => {
  const image = { width: 1000, height: 1000 };
  const crop = { x: 0.5, y: 0, width: 0.5, height: 1 };
  const box = { width: 100, height: 100, fit: "cover" } as const;
  assert.deepEqual(decideDerivativeSize(image, { ...box, crop }).at, { left: 100, top: 50 });
  const focus = { x: 0, y: 0.9 };
  assert.deepEqual(decideDerivativeSize(image, { ...box, crop, focus }).at, { left: 100, top: 100 });
});

test("a tiny crop of a large picture costs no more pixels than any derivative may", () => {
  const image = { width: 10_000, height: 10_000 };
  const { output, whole } = decideDerivativeSize(image, {
    width: 320,
    height: 320,
    fit: "cover",
    crop: { x: 0.4, y: 0.4, width: 0.01, height: 0.01 },
  });
  assert.deepEqual(whole, { width: 5000, height: 5000 });
  assert.deepEqual(output, { width: 50, height: 50 });
});
