import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createUuidV7Source, uuidV7 } from "./uuid-v7.ts";

const bytes = fc.uint8Array({ minLength: 10, maxLength: 10 });
const time = fc.integer({ min: 0, max: 2 ** 48 - 1 });

test("has the version, variant and time of RFC 9562", () => {
  fc.assert(
    fc.property(time, bytes, (nowMs, random) => {
      const id = uuidV7(nowMs, random);
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      assert.equal(Number.parseInt(id.slice(0, 13).replace("-", ""), 16), nowMs);
    }),
  );
});

test("the RFC's example comes out", () => {
  // RFC 9562 appendix A.6
  const random = Uint8Array.from([0x0c, 0xc3, 0x18, 0xc4, 0xdc, 0x0c, 0x0c, 0x07, 0x39, 0x8f]);
  assert.equal(uuidV7(0x017f22e279b0, random), "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
});

test("a later id sorts after an earlier one", () => {
  fc.assert(
    fc.property(time, time, bytes, bytes, (a, b, left, right) => {
      fc.pre(a < b);
      assert.ok(uuidV7(a, left) < uuidV7(b, right));
    }),
  );
});

test("ids of one source ascend, whatever the clock does and however many come at once", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: -2, max: 2 }), { minLength: 1, maxLength: 50 }),
      fc.integer({ min: 0, max: 0xff }),
      (steps, filler) => {
        let nowMs = 1_000_000;
        const nextId = createUuidV7Source(
          () => nowMs,
          () => new Uint8Array(10).fill(filler),
        );
        let last = nextId();
        for (const step of steps) {
          nowMs += step;
          for (let index = 0; index < 200; index += 1) {
            const id = nextId();
            assert.ok(id > last, `${id} after ${last}`);
            last = id;
          }
        }
      },
    ),
    { numRuns: 30 },
  );
});

test("an id says the clock's time while the clock keeps ahead of it", () => {
  let nowMs = 0x017f22e279b0;
  const nextId = createUuidV7Source(
    () => nowMs,
    () => new Uint8Array(10).fill(0xff),
  );
  assert.match(nextId(), /^017f22e2-79b0-77ff-bfff-ffffffffffff$/);
  assert.match(nextId(), /^017f22e2-79b0-7800-bfff/);
  nowMs += 1;
  assert.match(nextId(), /^017f22e2-79b1-77ff-bfff/);
});
