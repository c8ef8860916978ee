import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { acceptedEncoding } from "./accepted-encoding.ts";

const both = ["br", "gzip"] as const;

for (const [header, expected] of [
  ["gzip, deflate, br, zstd", "br"],
  ["gzip", "gzip"],
  ["br;q=0, gzip;q=0.5", "gzip"],
  ["br;q=0.001", "br"],
  ["BR ; Q=1", "br"],
  ["*", "br"],
  ["*;q=0, gzip", "gzip"],
  ["identity", undefined],
  ["", undefined],
  [undefined, undefined],
] as const)
  test(`Accept-Encoding ${JSON.stringify(header)} gets ${expected ?? "the plain bytes"}`, () => {
    assert.equal(acceptedEncoding(header, both), expected);
  });

test("whatever is sent, only what is at hand is chosen", () => {
  fc.assert(
    fc.property(fc.string(), (header) => {
      const chosen = acceptedEncoding(header, ["gzip"]);
      assert.ok(chosen === undefined || chosen === "gzip");
    }),
  );
});
