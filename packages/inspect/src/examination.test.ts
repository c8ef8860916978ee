import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { parseProcessMessage } from "./examination.ts";

const picture = { name: "preview", format: "webp", width: 3, height: 2, bytes: new Uint8Array([1]) };
const accepted = {
  verdict: "accepted",
  contentType: "image/png",
  image: {
    width: 3,
    height: 2,
    frames: 2,
    orientation: 6,
    takenAt: "2024-01-01T00:00:00.000Z",
    thumbhash: "AA",
  },
  pictures: [picture],
};
const rejected = { verdict: "rejected", code: "corrupt", detail: "It is damaged." };

test("what a decoding process says is understood", () => {
  for (const message of [
    { kind: "ready" },
    { kind: "unable-to-start", reason: "no libvips" },
    { kind: "file-unreadable", reason: "ENOENT" },
    { kind: "examined", examination: accepted },
    { kind: "examined", examination: { verdict: "accepted", contentType: "application/pdf", pictures: [] } },
    { kind: "examined", examination: rejected },
  ]) {
    assert.deepEqual(parseProcessMessage(message), message);
  }
});

test("anything of another shape is not", () => {
  for (const examination of [
    undefined,
    { ...accepted, verdict: "fine" },
    { ...accepted, contentType: 7 },
    { ...accepted, image: { width: 0, height: 2 } },
    { ...accepted, image: { width: 3, height: 2, takenAt: 5 } },
    { ...accepted, pictures: undefined },
    { ...accepted, pictures: [{ ...picture, bytes: "AA" }] },
    { ...accepted, pictures: [{ ...picture, width: 1.5 }] },
    { ...rejected, code: "because" },
    { ...rejected, detail: undefined },
  ]) {
    assert.equal(
      parseProcessMessage({ kind: "examined", examination }),
      undefined,
      JSON.stringify(examination),
    );
  }
  assert.equal(parseProcessMessage({ kind: "unable-to-start" }), undefined);
});

test("no value whatever makes the reading of a message throw", () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      assert.equal(parseProcessMessage(value), undefined);
      parseProcessMessage({ kind: "examined", examination: value });
    }),
  );
});
