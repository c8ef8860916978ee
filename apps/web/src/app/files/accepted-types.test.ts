import assert from "node:assert/strict";
import { test } from "node:test";
import { describeAcceptedTypes } from "./accepted-types.ts";

test("types of one size share a sentence", () => {
  const type = (contentType: string, maxSizeBytes: number) => ({ contentType, maxSizeBytes });
  assert.equal(
    describeAcceptedTypes({
      profiles: [
        {
          name: "default",
          types: [
            type("image/jpeg", 20e6),
            type("image/png", 20e6),
            type("application/pdf", 20e6),
            type("video/mp4", 2e9),
          ],
        },
      ],
    }),
    "JPEG, PNG, and PDF up to 20 MB; MP4 up to 2 GB.",
  );
});

test("of a server that takes nothing, nothing is said", () => {
  assert.equal(describeAcceptedTypes({ profiles: [] }), undefined);
});
