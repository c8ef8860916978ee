import assert from "node:assert/strict";
import { test } from "node:test";
import { misfits } from "./json-schema.ts";

const document = {
  components: {
    schemas: {
      Item: {
        type: "object",
        required: ["id"],
        properties: {
          id: { type: "string" },
          size: { type: ["integer", "null"] },
          kind: { enum: ["a", "b"] },
        },
      },
      List: { type: "array", items: { $ref: "#/components/schemas/Item" } },
      Either: { anyOf: [{ type: "string" }, { type: "null" }] },
    },
  },
};
const against = (name: string, value: unknown) =>
  misfits(document, { $ref: `#/components/schemas/${name}` }, value);

test("finds nothing wrong with what fits", () => {
  assert.deepEqual(
    against("List", [{ id: "x" }, { id: "y", size: 5, kind: "a" }, { id: "z", size: null }]),
    [],
  );
  assert.deepEqual(against("Either", null), []);
});

test("names the place of everything that does not fit", () => {
  assert.deepEqual(against("List", [{}, { id: 5 }]), ["/0: lacks id", "/1/id: number in place of string"]);
  assert.deepEqual(against("Item", { id: "x", size: 1.5 }), ["/size: number in place of integer or null"]);
  assert.deepEqual(against("Item", { id: "x", extra: 1 }), ["/extra: is not described"]);
  assert.deepEqual(against("Item", { id: "x", kind: "c" }), ["/kind: c is not listed"]);
  assert.deepEqual(against("Either", 5), [": fits none of anyOf"]);
  assert.deepEqual(against("Item", null), [": null in place of object"]);
});

test("a reference that leads nowhere is an error", () => {
  assert.throws(() => against("None", 1), /leads nowhere/);
});
