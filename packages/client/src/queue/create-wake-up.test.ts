import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createVirtualClock } from "../testing/virtual-clock.contract.ts";
import { createWakeUp } from "./create-wake-up.ts";

/** Something waits all the time, and fails each time that it is woken. */
function setUp(t: TestContext) {
  const clock = createVirtualClock();
  const life = new AbortController();
  const wokenMs: number[] = [];
  let comeOnline = (): void => assert.fail("nobody listens");
  const onOnline = (listener: () => void) => {
    comeOnline = listener;
    return () => undefined;
  };
  const platform = {
    clock,
    random: Math.random,
    abortController: () => new AbortController(),
    connectivity: { onOnline },
  };
  const wakeUp = createWakeUp(platform, life.signal, {
    isNeeded: () => true,
    onWake: () => {
      wokenMs.push(clock.nowMs());
      wakeUp.later();
    },
  });
  t.after(() => {
    life.abort();
    wakeUp.close();
  });
  return { clock, wakeUp, wokenMs, comeOnline: () => comeOnline() };
}

test("wakes after pauses that double up to five minutes", async (t) => {
  const { clock, wakeUp, wokenMs } = setUp(t);
  wakeUp.later();
  await clock.pass(1_100_000);
  assert.deepEqual(wokenMs, [15_000, 45_000, 105_000, 225_000, 465_000, 765_000, 1_065_000]);
});

test("begins with a short pause anew when the network is back, in the midst of a long one", async (t) => {
  const { clock, wakeUp, wokenMs, comeOnline } = setUp(t);
  wakeUp.later();
  await clock.pass(466_000);
  wokenMs.length = 0;
  comeOnline();
  await clock.pass(50_000);
  assert.deepEqual(wokenMs, [466_000, 481_000, 511_000]);
});

test("and when the server has answered something else", async (t) => {
  const { clock, wakeUp, wokenMs } = setUp(t);
  wakeUp.later();
  await clock.pass(466_000);
  wokenMs.length = 0;
  wakeUp.allIsWell();
  await clock.pass(50_000);
  assert.deepEqual(wokenMs, [481_000, 511_000]);
});

test("wakes although the server answers something else all the time", async (t) => {
  const { clock, wakeUp, wokenMs } = setUp(t);
  wakeUp.later();
  for (let second = 0; second < 100; second += 1) {
    await clock.pass(1_000);
    wakeUp.allIsWell();
  }
  assert.ok(wokenMs.length >= 5, `${wokenMs.length} times in 100 s`);
});
