import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decideSelection, noSelection, type Selection, type SelectionEvent } from "./selection.ts";

const order = ["a", "b", "c", "d", "e"];
const after = (...events: SelectionEvent[]): Selection => events.reduce(decideSelection, noSelection);

test("a press chooses and a second one lets go", () => {
  assert.deepEqual([...after({ type: "toggle", id: "b" }).ids], ["b"]);
  assert.equal(after({ type: "toggle", id: "b" }, { type: "toggle", id: "b" }).ids.size, 0);
});

test("a range goes from the last that was chosen, in either direction, and adds", () => {
  const down = after({ type: "toggle", id: "b" }, { type: "range", id: "d", order });
  assert.deepEqual([...down.ids], ["b", "c", "d"]);
  const up = decideSelection(down, { type: "range", id: "a", order });
  assert.deepEqual([...up.ids].sort(), ["a", "b", "c", "d"]);
});

test("a range without a beginning is the one file", () => {
  assert.deepEqual([...after({ type: "range", id: "c", order }).ids], ["c"]);
});

test("a range that goes on by key lets go of what it has left, and nothing else", () => {
  const start = after({ type: "toggle", id: "e" }, { type: "toggle", id: "b" });
  const on = (selection: Selection, from: string, id: string) =>
    decideSelection(selection, { type: "range", from, id, order });
  const wide = on(on(start, "b", "c"), "c", "d");
  assert.deepEqual([...wide.ids].sort(), ["b", "c", "d", "e"]);
  const narrow = on(wide, "d", "c");
  assert.deepEqual([...narrow.ids].sort(), ["b", "c", "e"]);
  assert.deepEqual([...on(on(narrow, "c", "b"), "b", "a").ids].sort(), ["a", "b", "e"]);
});

test("a range that goes on by key from what is not chosen begins there", () => {
  const range = after({ type: "toggle", id: "a" }, { type: "range", from: "c", id: "d", order });
  assert.deepEqual([...range.ids].sort(), ["a", "c", "d"]);
  assert.equal(range.anchor, "c");
});

test("what has gone is not chosen, and with the last one choosing ends", () => {
  const two = after({ type: "choose" }, { type: "toggle", id: "a" }, { type: "toggle", id: "b" });
  const one = decideSelection(two, { type: "gone", ids: ["a"] });
  assert.deepEqual([...one.ids], ["b"]);
  assert.deepEqual(decideSelection(one, { type: "gone", ids: ["b"] }), noSelection);
});

test("whatever happens, only files of the list are chosen", () => {
  const id = fc.constantFrom(...order);
  const event: fc.Arbitrary<SelectionEvent> = fc.oneof(
    fc.record({ type: fc.constant("toggle" as const), id }),
    fc.record({ type: fc.constant("range" as const), id, order: fc.constant(order) }),
    fc.record({ type: fc.constant("range" as const), id, order: fc.constant(order), from: id }),
    fc.record({ type: fc.constant("gone" as const), ids: fc.array(id) }),
    fc.constant({ type: "clear" as const }),
  );
  fc.assert(
    fc.property(fc.array(event), (events) => {
      for (const chosen of after(...events).ids) assert.ok(order.includes(chosen));
    }),
  );
});
