import assert from "node:assert/strict";
import { test } from "node:test";
import { deserialize, serialize } from "node:v8";
import fc from "fast-check";
import { isPackedPieces, packPieces, unpackPieces } from "./packed-pieces.ts";
import { createPieces, joinPieces, maxLiteralBytes, maxPieces, UnstrippableError } from "./pieces.ts";

const original = Buffer.from("the original, of which pieces are kept");

test("pieces come out of a message as they went in", () => {
  const step = fc.oneof(
    fc.record({ skip: fc.nat(3), keep: fc.integer({ min: 1, max: 5 }) }),
    fc.record({ bytes: fc.uint8Array({ minLength: 1, maxLength: 5 }) }),
    fc.record({ fill: fc.nat(255), count: fc.integer({ min: 1, max: 300 }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const pieces = createPieces(original.length);
      let at = 0;
      for (const each of steps) {
        if (!("skip" in each)) {
          pieces.add(each);
          continue;
        }
        pieces.keep(at + each.skip, at + each.skip + each.keep);
        at += each.skip + each.keep;
      }
      const { pieces: made } = pieces.finish();
      const packed: unknown = deserialize(serialize(packPieces(made)));
      assert.ok(isPackedPieces(packed));
      assert.deepEqual(joinPieces(original, unpackPieces(packed)), joinPieces(original, made));
      // More than once.
      const unpacked = unpackPieces(packed);
      assert.deepEqual([...unpacked], [...unpacked]);
    }),
  );
});

test("a blank stretch of any length is a few bytes", () => {
  const pieces = createPieces(2 ** 40);
  pieces.fill(0, 2 ** 39);
  pieces.fill(0, 2 ** 39);
  const packed = packPieces(pieces.finish().pieces);
  assert.deepEqual(unpackPieces(packed)[Symbol.iterator]().next().value, { fill: 0, count: 2 ** 40 });
  assert.ok(serialize(packed).length < 100);
});

test("what is no edit of a file in its order is refused", () => {
  const places = (...values: readonly number[]) => ({
    places: Float64Array.from(values),
    literals: new Uint8Array(),
  });
  assert.ok(isPackedPieces(places(4, 0, 9, -2, 4, 4)));
  for (const [index, value] of [
    undefined,
    [],
    [{ from: 0, to: 1 }],
    { places: [1, 0], literals: new Uint8Array() },
    places(4),
    places(0, 0),
    places(-1, 0),
    places(1.5, 0),
    places(1, 0.5),
    places(Number.NaN, 0),
    places(1, -258),
    places(Number.MAX_SAFE_INTEGER, 1),
    // Back, or the same bytes again.
    places(4, 4, 4, 0),
    places(4, 0, 4, 3),
    // More literal bytes than there are, and fewer.
    places(4, -1),
    { ...places(1, -1), literals: new Uint8Array(2) },
    { places: new Float64Array(maxPieces * 2 + 2).fill(1), literals: new Uint8Array() },
    { ...places(maxLiteralBytes + 1, -1), literals: new Uint8Array(maxLiteralBytes + 1) },
  ].entries())
    assert.ok(!isPackedPieces(value), `case ${index}`);
});

test("a file in more pieces than a film has pictures is in too many", () => {
  const pieces = createPieces(maxPieces * 3);
  assert.throws(() => {
    for (let at = 0; at <= maxPieces; at += 1) pieces.keep(at * 2, at * 2 + 1);
  }, UnstrippableError);
  assert.throws(() => createPieces(0).put(new Uint8Array(maxLiteralBytes + 1)), UnstrippableError);
});
