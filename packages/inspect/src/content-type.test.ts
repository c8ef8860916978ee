import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalContentType, commonName } from "./content-type.ts";

test("names for the same thing become one", () => {
  assert.equal(canonicalContentType("image/jpg"), "image/jpeg");
  assert.equal(canonicalContentType("image/apng"), "image/png");
  assert.equal(canonicalContentType("video/x-m4v"), "video/mp4");
  assert.equal(canonicalContentType("image/heif"), "image/heic");
});

test("parameters and capitals do not count", () => {
  assert.equal(canonicalContentType("audio/ogg; codecs=opus"), "audio/ogg");
  assert.equal(canonicalContentType("Image/PNG"), "image/png");
});

test("a canonical name is its own canonical name", () => {
  fc.assert(
    fc.property(fc.string(), (contentType) => {
      const canonical = canonicalContentType(contentType);
      assert.equal(canonicalContentType(canonical), canonical);
    }),
  );
});

test("a type without a common name is called by its content type, also where that names a property of objects", () => {
  assert.equal(commonName("application/x-elf"), "application/x-elf");
  assert.equal(commonName("constructor"), "constructor");
});
