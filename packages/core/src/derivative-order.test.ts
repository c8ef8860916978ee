import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { madeAsOf, orderDerivatives, unreadableAim } from "./derivative-order.ts";
import type { DerivativeSpec } from "./ports/inspector.ts";

const square: DerivativeSpec = { name: "square", width: 100, height: 100, fit: "cover" };
const whole: DerivativeSpec = { name: "whole", width: 100, height: 100, fit: "contain" };

const orderOf = (metadata: Readonly<Record<string, string>>) => {
  const [order] = orderDerivatives([square], metadata);
  return { crop: order?.crop, focus: order?.focus };
};

test("focus and crop in the metadata aim what is cropped, and nothing else", () => {
  const metadata = { focus: "0.25, .5", crop: "0,0.1,1,0.9" };
  assert.deepEqual(orderDerivatives([square, whole], metadata), [
    { ...square, focus: { x: 0.25, y: 0.5 }, crop: { x: 0, y: 0.1, width: 1, height: 0.9 } },
    whole,
  ]);
  assert.deepEqual(unreadableAim(metadata), []);
});

for (const focus of [
  "",
  "0.5",
  "0.5,0.5,0.5",
  "-0.1,0.5",
  "1.1,0.5",
  "a,b",
  "NaN,0",
  "1e-1,0",
  "0.5;0.5",
  "0x1,0",
])
  test(`a focus of "${focus}" is none`, () => {
    assert.equal(orderOf({ focus }).focus, undefined);
    assert.deepEqual(unreadableAim({ focus }), ["focus"]);
  });

for (const crop of ["0,0,1", "0.5,0,0.6,1", "0,0.5,1,0.6", "0,0,0,1", "0,0,1,0", "1,1,1,1", "0,0,1,1,1"])
  test(`a crop of "${crop}" is none`, () => {
    assert.equal(orderOf({ crop }).crop, undefined);
    assert.deepEqual(unreadableAim({ crop }), ["crop"]);
  });

test("fractions that add up to the whole are within it, however they are rounded", () => {
  assert.ok(orderOf({ crop: "0.7,0.1,0.3,0.9" }).crop);
});

test("what a derivative is made as tells apart what comes out differently", () => {
  assert.equal(madeAsOf(whole), "100x100-contain-webp");
  assert.equal(madeAsOf({ ...whole, format: "webp" }), madeAsOf(whole));
  const [aimed] = orderDerivatives([{ ...square, format: "jpeg" }], { focus: "0.5,0.25", crop: "0,0,0.5,1" });
  assert.equal(aimed && madeAsOf(aimed), "100x100-cover-jpeg-crop-0,0,0.5,1-focus-0.5,0.25");
});

test("no metadata makes an order whose fractions are not within the picture", () => {
  const text = fc.oneof(
    fc.string(),
    fc
      .array(fc.oneof(fc.double().map(String), fc.constantFrom("0", "1", ".5", "0.5")), { maxLength: 5 })
      .map(String),
  );
  fc.assert(
    fc.property(text, text, (focus, crop) => {
      const order = orderOf({ focus, crop });
      for (const value of [...Object.values(order.focus ?? {}), ...Object.values(order.crop ?? {})])
        assert.ok(value >= 0 && value <= 1);
      if (order.crop) assert.ok(order.crop.x + order.crop.width <= 1.000001);
    }),
  );
});
