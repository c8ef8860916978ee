import assert from "node:assert/strict";
import { test } from "node:test";
import { atMostEvery } from "./at-most-every.ts";

test("the first is called at once, those of the time after it together at its end, and none is lost", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let calls = 0;
  const tell = atMostEvery(20, () => {
    calls += 1;
  });
  tell();
  assert.equal(calls, 1);
  for (let index = 0; index < 10; index += 1) tell();
  t.mock.timers.tick(19);
  assert.equal(calls, 1);
  t.mock.timers.tick(1);
  assert.equal(calls, 2);
  tell();
  assert.equal(calls, 2);
  t.mock.timers.tick(20);
  assert.equal(calls, 3);
  t.mock.timers.tick(100);
  assert.equal(calls, 3);
  tell();
  assert.equal(calls, 4);
});
