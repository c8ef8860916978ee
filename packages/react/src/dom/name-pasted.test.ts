import assert from "node:assert/strict";
import { test } from "node:test";
import { namePasted } from "./name-pasted.ts";

const at = new Date(2026, 10, 5, 9, 3, 7);

test("names a picture of the clipboard by the person's own clock", () => {
  assert.equal(namePasted(new File([], "image.png"), at), "Pasted 2026-11-05 at 09.03.07.png");
});

test("keeps the name of a file that was copied", () => {
  assert.equal(namePasted(new File([], "holiday.png"), at), "holiday.png");
  assert.equal(namePasted(new File([], "image.of.png"), at), "image.of.png");
});
