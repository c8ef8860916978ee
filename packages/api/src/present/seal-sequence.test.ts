import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ApiError } from "../problems/api-error.ts";
import { createSequenceSeal } from "./seal-sequence.ts";

const seal = createSequenceSeal(new Uint8Array(32).fill(1));

const sequences = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

test("a cursor leads back to its sequence in its list, also by another server with the key", () => {
  const other = createSequenceSeal(new Uint8Array(32).fill(1));
  fc.assert(
    fc.property(sequences, fc.string(), (sequence, list) => {
      assert.equal(other.open(list, seal.seal(list, sequence)), sequence);
    }),
  );
});

test("cursors are as long whatever they lead to, and never the same twice", () => {
  const [one, again, last] = [seal.seal("a", 1), seal.seal("a", 1), seal.seal("a", Number.MAX_SAFE_INTEGER)];
  assert.notEqual(one, again);
  assert.equal(one.length, last.length);
});

test("what is no cursor, another list's, another key's, or was changed is refused", () => {
  const cursor = seal.seal("a", 7);
  const refused = (list: string, text: string, by = seal) =>
    assert.throws(
      () => by.open(list, text),
      (error) => error instanceof ApiError && error.code === "validation-failed",
    );
  refused("b", cursor);
  refused("a", cursor, createSequenceSeal(new Uint8Array(32).fill(2)));
  fc.assert(fc.property(fc.string(), (text) => refused("a", text)));
  fc.assert(
    fc.property(fc.nat({ max: 35 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const bytes = Buffer.from(cursor, "base64url");
      bytes[at] = (bytes[at] ?? 0) ^ change;
      refused("a", bytes.toString("base64url"));
    }),
  );
});

test("an id is the same for the same event, and another for the next", () => {
  assert.equal(seal.idOf(5), seal.idOf(5));
  const ids = new Set(Array.from({ length: 1000 }, (_, index) => seal.idOf(index + 1)));
  assert.equal(ids.size, 1000);
  for (const id of ids) assert.match(id, /^[\w-]{22}$/);
});
