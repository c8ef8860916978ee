import assert from "node:assert/strict";
import { test } from "node:test";
import { createPace } from "./pace-bytes.ts";

test("bytes come no faster than they may on average, however they are cut", async () => {
  let nowMs = 500;
  const wait = async (ms: number) => {
    nowMs += ms;
  };
  const pace = createPace(1000, new AbortController().signal, { nowMs: () => nowMs, wait });
  for (const count of [1, 499, 1500, 5, 995]) await pace(count);
  assert.ok(nowMs - 500 > 2990 && nowMs - 500 <= 3000, String(nowMs - 500));
});

test("without a rate nothing waits", async () => {
  const pace = createPace(0, new AbortController().signal, { wait: () => assert.fail("it waited") });
  await pace(1e12);
});

test("a wait ends when it is told to", async () => {
  const stop = new AbortController();
  const paced = createPace(1, stop.signal)(1_000_000);
  stop.abort();
  await assert.rejects(paced, { name: "AbortError" });
});
