import assert from "node:assert/strict";
import { test } from "node:test";
import { decideType } from "./decide-type.ts";

test("content that is what was declared, and allowed, is accepted under its canonical name", () => {
  assert.deepEqual(decideType("image/jpeg", "image/jpg", ["image/png", "image/pjpeg"]), {
    verdict: "accepted",
    contentType: "image/jpeg",
  });
});

test("content that is something else than declared is a mismatch, even where both are allowed", () => {
  assert.deepEqual(decideType("image/png", "image/jpeg", ["image/jpeg", "image/png"]), {
    verdict: "rejected",
    code: "type-mismatch",
    detail: "The file was declared as image/jpeg, but the bytes are PNG.",
  });
});

test("bytes that nothing recognises are a mismatch that says what was expected", () => {
  assert.deepEqual(decideType(undefined, "application/pdf", ["application/pdf"]), {
    verdict: "rejected",
    code: "type-mismatch",
    detail:
      "The file was declared as application/pdf, but its bytes are not recognised as PDF, nor as anything else.",
  });
});

test("an honest declaration of a type that is not allowed names the types that are", () => {
  assert.deepEqual(decideType("image/webp", "image/webp", ["image/jpeg", "image/jpg", "application/pdf"]), {
    verdict: "rejected",
    code: "type-not-allowed",
    detail: "Files of the type WebP are not accepted here. Accepted are: JPEG, PDF.",
  });
  assert.equal(decideType("image/webp", "image/webp", []).verdict, "rejected");
});
