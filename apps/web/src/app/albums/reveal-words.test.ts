import assert from "node:assert/strict";
import { test } from "node:test";
import { photosWords, shotsWords, untilWords } from "./reveal-words.ts";

test("says how long it is in the unit that one would say it in", () => {
  const now = Date.parse("2026-12-01T12:00:00Z");
  const words = (time: string) => untilWords(time, now);
  assert.equal(words("2026-12-01T11:00:00Z"), "any moment now");
  assert.equal(words("2026-12-01T12:00:30Z"), "any moment now");
  assert.equal(words("2026-12-01T12:01:00Z"), "in 1 minute");
  assert.equal(words("2026-12-01T12:20:00Z"), "in 20 minutes");
  assert.equal(words("2026-12-01T13:10:00Z"), "in 1 hour");
  assert.equal(words("2026-12-03T11:00:00Z"), "in 47 hours");
  assert.equal(words("2026-12-10T12:00:00Z"), "in 9 days");
});

test("counts photos and shots as one says them", () => {
  assert.deepEqual([0, 1, 1234].map(photosWords), ["no photos yet", "1 photo", "1,234 photos"]);
  assert.deepEqual([0, 1, 24].map(shotsWords), ["0 shots", "1 shot", "24 shots"]);
});
