import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  createSimulatedWorld,
  type Life,
  type Mishap,
  type SimulatedSource,
  simulatedSource,
} from "../testing/simulated-world.contract.ts";
import { createUploader } from "../uploader.ts";
import { createUploadQueue } from "./create-upload-queue.ts";
import { hasEnded } from "./upload-item.ts";
import type { UploadQueue } from "./upload-queue.ts";

/** What a person does, or what befalls them, at some moment. */
type Act =
  | { readonly type: "add"; readonly sizes: readonly number[]; readonly isTwice: boolean }
  | { readonly type: "cancel" | "retry" | "pause" | "resume" | "dismiss"; readonly nth: number }
  | { readonly type: "retry-all" | "clear-ended" | "pause-all" | "resume-all" }
  | { readonly type: "go-offline" | "come-online" | "sign-out" | "sign-in" }
  /** To the other of two tabs, which is opened where it is not; somebody looks at it then. */
  | { readonly type: "switch" }
  | { readonly type: "kill" }
  /** Before (even) or after (odd) so many calls of ports from now on. */
  | { readonly type: "die"; readonly halfCalls: number }
  | { readonly type: "wait"; readonly ms: number };

const simple = <Type extends Act["type"]>(...types: Type[]) => fc.record({ type: fc.constantFrom(...types) });
const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constant("add" as const),
      sizes: fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 4 }),
      isTwice: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      type: fc.constantFrom(
        "cancel" as const,
        "retry" as const,
        "pause" as const,
        "resume" as const,
        "dismiss" as const,
      ),
      nth: fc.nat(12),
    }),
  },
  {
    weight: 2,
    arbitrary: simple("retry-all", "clear-ended", "pause-all", "resume-all") as fc.Arbitrary<Act>,
  },
  { weight: 3, arbitrary: simple("go-offline", "come-online", "sign-out", "sign-in") as fc.Arbitrary<Act> },
  { weight: 3, arbitrary: simple("kill", "switch", "switch") as fc.Arbitrary<Act> },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant("die" as const), halfCalls: fc.nat(60) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("wait" as const),
      ms: fc.constantFrom(0, 0, 1, 100, 300, 2_000, 20_000, 400_000),
    }),
  },
);

const mishap: fc.Arbitrary<Mishap | undefined> = fc.oneof(
  { weight: 12, arbitrary: fc.constant(undefined) },
  {
    weight: 6,
    arbitrary: fc.constantFrom<Mishap>("reset", "commit-then-reset", "expired", "portal", "busy"),
  },
  { weight: 1, arbitrary: fc.constantFrom<Mishap>("hang", 200, 5000) },
);

/** A file as the person gave it. */
interface Given {
  readonly name: string;
  /** The queue has said that it is kept: whatever happens, it arrives. */
  readonly isTwice: boolean;
  isPromised: boolean;
  isCancelled: boolean;
  /** The queue has said that it is cancelled, and it was not wanted again: whatever happens, it does not arrive. */
  isGivenUp: boolean;
  /** How often the person wants it: twice where they gave it twice, gave one up, and then wanted that again. */
  wantedTimes: number;
}

async function live(acts: readonly Act[], mishaps: readonly (Mishap | undefined)[]): Promise<void> {
  // Small numbers stand for large ones: above 40 bytes a file goes in parts of 16.
  const world = createSimulatedWorld(mishaps, { singlePutLimitBytes: 40, partSizeBytes: 16 });
  const given = new Map<string, Given>();
  const start = () => {
    const life: Life = world.boot();
    const queue: UploadQueue<SimulatedSource> = createUploadQueue(createUploader(life.options), {
      queue: { store: life.store, lock: life.lock, channel: life.channel },
    });
    const look = () => {
      for (const { name, isKept } of queue.getSnapshot().items) {
        const file = given.get(name);
        if (file && isKept && !life.isDead) file.isPromised = true;
      }
    };
    queue.subscribe(look);
    return { life, queue, look };
  };
  const tabs = [start()];
  let at = 0;
  const tab = () => {
    tabs[at] ??= start();
    return tabs[at] as (typeof tabs)[number];
  };
  const rebootDead = () => {
    for (const [index, { life, queue }] of tabs.entries()) {
      if (!life.isDead) continue;
      queue.close();
      tabs[index] = start();
    }
  };

  let justCancelled: Given | undefined;
  const nth = (index: number) => {
    const { items } = tab().queue.getSnapshot();
    return items.length > 0 ? items[index % items.length] : undefined;
  };
  const perform = async (one: Act): Promise<void> => {
    const { life, queue } = tab();
    switch (one.type) {
      case "switch":
        at = 1 - at;
        return tab().life.look();
      case "add": {
        const sources = one.sizes.map((sizeBytes, index) => {
          const name = `${given.size}.jpg`;
          const isTwice = one.isTwice && index === 0;
          given.set(name, {
            name,
            isTwice,
            isPromised: false,
            isCancelled: false,
            isGivenUp: false,
            wantedTimes: 1,
          });
          return simulatedSource(
            name,
            `${given.size} `.padEnd(sizeBytes, "x").slice(0, Math.max(sizeBytes, 3)),
          );
        });
        queue.add(sources);
        if (one.isTwice) queue.add(sources.slice(0, 1));
        return;
      }
      case "cancel": {
        const item = nth(one.nth);
        if (!item || hasEnded(item)) return;
        queue.cancel(item.id);
        const file = given.get(item.name);
        if (file && !life.isDead) file.isCancelled = true;
        justCancelled = file;
        return;
      }
      case "retry":
      case "pause":
      case "resume":
      case "dismiss": {
        const item = nth(one.nth);
        const file = given.get(item?.name ?? "");
        if (file && one.type === "retry" && item?.state === "cancelled") {
          file.wantedTimes += file.isTwice ? 1 : 0;
          file.isGivenUp = false;
        }
        if (item) queue[one.type](item.id);
        // Sent again, it is wanted again: both ends are right, for the program may have died before it was told.
        return;
      }
      case "retry-all":
        return queue.retryAll();
      case "clear-ended":
        return queue.clearEnded();
      case "pause-all":
        return queue.pauseAll();
      case "resume-all":
        return queue.resumeAll();
      case "go-offline":
      case "come-online":
        world.isOnline = one.type === "come-online";
        if (world.isOnline) life.comeOnline();
        return;
      case "sign-out":
      case "sign-in":
        world.isSignedIn = one.type === "sign-in";
        if (world.isSignedIn) queue.signedIn();
        return;
      case "kill":
        return life.kill();
      case "die":
        return life.dieAfter(one.halfCalls);
      case "wait":
        return world.clock.pass(one.ms);
    }
  };
  for (const one of acts) {
    await perform(one);
    await world.clock.settle();
    tab().look();
    const { items } = tab().queue.getSnapshot();
    for (const { name, state } of items) {
      const file = given.get(name);
      if (file && file === justCancelled && !file.isTwice && state === "cancelled")
        file.isGivenUp = tabs.every(({ life }) => !life.isDead);
    }
    justCancelled = undefined;
    rebootDead();
    await world.clock.settle();
  }

  // The network heals, the person signs in, and what they paused they let go on.
  world.isOnline = true;
  world.isSignedIn = true;
  const items = () => tab().queue.getSnapshot().items;
  const states = () => items().map(({ name, state, problem }) => [name, state, problem?.code]);
  const isOver = () =>
    items().every((item) => hasEnded(item) || item.state === "needs-file") &&
    world.clock.nextDueMs() === undefined;
  for (let round = 0; round < 40 && !(round > 2 && isOver()); round += 1) {
    rebootDead();
    for (const { life, queue } of tabs) {
      life.dieAfter(Number.POSITIVE_INFINITY);
      life.comeOnline();
      queue.signedIn();
      queue.resumeAll();
      queue.retryAll();
    }
    await world.clock.pass(round < 5 ? 1000 : 600_000);
  }
  assert.ok(isOver(), `it never ends: ${JSON.stringify(states())}`);

  const all = [...world.uploads.values()];
  for (const { name, isPromised, isCancelled, isGivenUp, wantedTimes } of given.values()) {
    const own = all.filter(({ intent }) => intent.name === name);
    const ready = own.filter(({ state, fileId }) => state === "ready" && !world.isTrashed(fileId));
    assert.ok(ready.length <= wantedTimes, `${name} is there ${ready.length} times`);
    if (isGivenUp) assert.equal(ready.length, 0, `${name} was given up, and is there`);
    if (isPromised && !isCancelled)
      assert.equal(ready.length, 1, `${name} was kept, and is lost: ${JSON.stringify(states())}`);
    const open = own.filter(({ state }) => state !== "ready" && state !== "aborted" && state !== "rejected");
    if (!isCancelled && ready.length === 1)
      assert.deepEqual(
        open.map(({ state }) => state),
        [],
        name,
      );
  }
  for (const { name, state } of items())
    assert.ok(state === "ready" || state === "cancelled" || state === "needs-file", `${name} is ${state}`);
  for (const { queue } of tabs) queue.close();
}

test("ends every file as its person wanted it, whatever befalls network, program and person", async (t) => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { maxLength: 25 }),
      fc.array(mishap, { maxLength: 100 }),
      async (acts, mishaps) => {
        runs += 1;
        await live(acts, mishaps);
      },
    ),
    {
      // Given up and taken off the list before the tab that leads has shown it: the one that watches hears of it all the same.
      examples: [
        [
          [
            { type: "switch" },
            { type: "add", sizes: [0], isTwice: false },
            { type: "cancel", nth: 0 },
            { type: "dismiss", nth: 0 },
          ],
          [undefined, "hang"],
        ],
        // Of two of the same file the first is ready and erased, the second paused and not looked at yet; the program ends in between.
        ...[7, 8].map((halfCalls): [Act[], undefined[]] => [
          [
            { type: "add", sizes: [0, 21, 21], isTwice: true },
            { type: "die", halfCalls },
            { type: "pause-all" },
            { type: "wait", ms: 300 },
          ],
          [],
        ]),
        // Of two of the same file the first is paused and the second created, which the program does not live to hear.
        ...[5, 6].map((halfCalls): [Act[], undefined[]] => [
          [
            { type: "add", sizes: [21], isTwice: true },
            { type: "die", halfCalls },
            { type: "pause", nth: 0 },
            { type: "wait", ms: 400_000 },
            { type: "pause-all" },
          ],
          [],
        ]),
      ],
      numRuns: Number(process.env.RUNS ?? (process.env.STOWAGE_TEST_LEVEL === "full" ? 50_000 : 500)),
    },
  );
  t.diagnostic(`${runs} runs`);
});
