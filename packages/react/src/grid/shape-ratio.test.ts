import assert from "node:assert/strict";
import { test } from "node:test";
import { shapeRatio } from "./shape-ratio.ts";

const thumbnail = { name: "thumbnail", contentType: "image/webp", width: 30, height: 20, sizeBytes: 1 };

test("a tile has its thumbnail's shape, which is turned as the camera was held", () => {
  assert.equal(
    shapeRatio({ contentType: "image/jpeg", width: 20, height: 30, derivatives: [thumbnail] }),
    1.5,
  );
});

test("without a thumbnail it has the file's shape, and without that one of its kind", () => {
  assert.equal(shapeRatio({ contentType: "image/jpeg", width: 40, height: 20, derivatives: [] }), 2);
  assert.equal(shapeRatio({ contentType: "image/jpeg", derivatives: [] }), 1);
  assert.equal(shapeRatio({ contentType: "video/mp4", derivatives: [] }), 16 / 9);
  assert.ok(shapeRatio({ contentType: "application/pdf", derivatives: [] }) < 1);
});
