import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { createSealer } from "./sealed-value.ts";

const key = randomBytes(32);
let nowMs = 1_000_000;
const options = {
  key,
  purpose: "session",
  context: ["https://a.example"],
  lifetimeMs: 1000,
  nowMs: () => nowMs,
};
const sealer = createSealer<unknown>(options);

test("what was sealed opens, whatever it is, and no text is like another", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = sealer.seal(value);
      assert.match(text, /^[\w-]+$/);
      assert.notEqual(sealer.seal(value), text);
      assert.deepEqual(sealer.open(text), { value: JSON.parse(JSON.stringify(value)), sealedAtMs: nowMs });
    }),
  );
});

test("no text opens in which one bit was changed, that was cut, or that has grown", () => {
  const bytes = Buffer.from(sealer.seal({ refreshToken: "secret" }), "base64url");
  for (let bit = 0; bit < bytes.byteLength * 8; bit += 1) {
    const changed = Buffer.from(bytes);
    changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.equal(sealer.open(changed.toString("base64url")), undefined, `bit ${bit}`);
  }
  for (let length = 0; length < bytes.byteLength; length += 1)
    assert.equal(sealer.open(bytes.subarray(0, length).toString("base64url")), undefined, `${length} bytes`);
  assert.equal(sealer.open(Buffer.concat([bytes, Buffer.of(0)]).toString("base64url")), undefined);
});

test("nothing that was not sealed opens", () => {
  fc.assert(fc.property(fc.string(), (text) => assert.equal(sealer.open(text), undefined)));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      const text = Buffer.from([1, ...bytes]).toString("base64url");
      assert.equal(sealer.open(text), undefined);
    }),
  );
  for (const text of ["", " ", `${sealer.seal(1)}=`, `${sealer.seal(1)} `, `"${sealer.seal(1)}"`])
    assert.equal(sealer.open(text), undefined, text);
});

test("a text opens with its own key, purpose and context only", () => {
  const text = sealer.seal("x");
  for (const change of [
    { key: randomBytes(32) },
    { purpose: "sign-in" },
    { context: ["https://b.example"] },
    { context: [] },
    { context: ["https://a.", "example"] },
  ])
    assert.equal(createSealer({ ...options, ...change }).open(text), undefined, JSON.stringify(change));
  assert.equal(createSealer(options).open(text)?.value, "x");
});

test("a text opens for as long as its lifetime, however long a browser keeps it", () => {
  const text = sealer.seal("x");
  nowMs += 1000;
  assert.equal(sealer.open(text)?.value, "x");
  nowMs += 1;
  assert.equal(sealer.open(text), undefined);
});
