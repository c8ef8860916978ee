import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createUploadQueue } from "../queue/create-upload-queue.ts";
import { hasEnded } from "../queue/upload-item.ts";
import {
  createSimulatedWorld,
  type Life,
  type Mishap,
  type SimulatedSource,
  simulatedSource,
} from "../testing/simulated-world.contract.ts";
import { runWorkerTurn } from "../testing/worker-life.contract.ts";
import { createUploader } from "../uploader.ts";

/** What happens on a device with a page and a service worker. */
type Act =
  | { readonly type: "add"; readonly sizes: readonly number[]; readonly isTwice: boolean }
  | { readonly type: "cancel"; readonly nth: number }
  /** The page is closed, killed, or opened and looked at. */
  | { readonly type: "kill-page" | "open-page" }
  /** The browser gives the worker a turn; it may end it again before (even) or after (odd) so many calls of ports. */
  | { readonly type: "wake-worker"; readonly halfCalls: number | undefined }
  | { readonly type: "kill-worker" }
  | { readonly type: "go-offline" | "come-online" | "sign-out" | "sign-in" }
  | { readonly type: "wait"; readonly ms: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant("add" as const),
      sizes: fc.array(fc.integer({ min: 0, max: 60 }), { minLength: 1, maxLength: 4 }),
      isTwice: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant("cancel" as const), nth: fc.nat(8) }) },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constantFrom("kill-page" as const, "open-page" as const) }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("wake-worker" as const),
      halfCalls: fc.option(fc.nat(80), { nil: undefined }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constant("kill-worker" as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom(
        "go-offline" as const,
        "come-online" as const,
        "sign-out" as const,
        "sign-in" as const,
      ),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constant("wait" as const),
      ms: fc.constantFrom(0, 0, 1, 100, 1000, 20_000, 100_000),
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

interface Given {
  readonly name: string;
  /** The page has said that it is kept: whatever happens, it arrives. */
  isPromised: boolean;
  isCancelled: boolean;
  /** The page has said that it is cancelled: whatever happens, it does not arrive. */
  isGivenUp: boolean;
}

/** @param endsWithWorker - who brings it to its end when the network has healed: the worker alone, or a page */
async function live(
  acts: readonly Act[],
  mishaps: readonly (Mishap | undefined)[],
  endsWithWorker: boolean,
): Promise<void> {
  // Small numbers stand for large ones: above 40 bytes a file goes in parts of 16.
  const world = createSimulatedWorld(mishaps, { singlePutLimitBytes: 40, partSizeBytes: 16 });
  const given = new Map<string, Given>();
  const open = () => {
    const life = world.boot();
    const queue = createUploadQueue<SimulatedSource>(createUploader(life.options), {
      queue: { store: life.store, lock: life.lock, channel: life.channel },
    });
    queue.subscribe(look);
    return { life, queue };
  };
  const look = () => {
    for (const { name, isKept } of page?.queue.getSnapshot().items ?? []) {
      const file = given.get(name);
      if (file && isKept) file.isPromised = true;
    }
  };
  let page: ReturnType<typeof open> | undefined;
  const openPage = () => {
    page ??= open();
    return page;
  };
  const killPage = () => {
    page?.life.kill();
    page?.queue.close();
    page = undefined;
  };
  let worker: Life | undefined;
  /** The browser has one of it. */
  const wakeWorker = (halfCalls = Number.POSITIVE_INFINITY) => {
    if (worker && !worker.isDead) return;
    const life = world.boot();
    worker = life;
    life.dieAfter(halfCalls);
    runWorkerTurn(life).then(() => life.kill(), failures.push.bind(failures));
  };
  const failures: unknown[] = [];

  let justCancelled: Given | undefined;
  const perform = async (one: Act): Promise<void> => {
    switch (one.type) {
      case "add": {
        const { queue } = openPage();
        const sources = one.sizes.map((sizeBytes) => {
          const name = `${given.size}.jpg`;
          const file = { name, isPromised: false, isCancelled: false, isGivenUp: false };
          given.set(name, file);
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
        const items = page?.queue.getSnapshot().items ?? [];
        const item = items[one.nth % items.length];
        if (!item || hasEnded(item)) return;
        // Both, where the file is there twice.
        for (const { id, name } of items) if (name === item.name) page?.queue.cancel(id);
        justCancelled = given.get(item.name);
        if (justCancelled) justCancelled.isCancelled = true;
        return;
      }
      case "kill-page":
        return killPage();
      case "open-page":
        return openPage().life.look();
      case "wake-worker":
        return wakeWorker(one.halfCalls);
      case "kill-worker":
        return worker?.kill();
      case "go-offline":
      case "come-online":
        world.isOnline = one.type === "come-online";
        if (world.isOnline) page?.life.comeOnline();
        return;
      case "sign-out":
      case "sign-in":
        world.isSignedIn = one.type === "sign-in";
        if (world.isSignedIn) page?.queue.signedIn();
        return;
      case "wait":
        return world.clock.pass(one.ms);
    }
  };
  for (const one of acts) {
    await perform(one);
    await world.clock.settle();
    look();
    const now = page?.queue.getSnapshot().items.filter(({ name }) => name === justCancelled?.name) ?? [];
    if (justCancelled && now.length > 0 && now.every(({ state }) => state === "cancelled"))
      justCancelled.isGivenUp = true;
    justCancelled = undefined;
  }

  // The network heals, and the person signs in.
  world.isOnline = true;
  world.isSignedIn = true;
  if (endsWithWorker) {
    killPage();
    worker?.kill();
    const isKeptAndUnsent = () =>
      [...world.disk.values()].filter(({ state, isKept }) => state === "saved" && isKept);
    for (let turn = 0; turn < 10 && isKeptAndUnsent().length > 0; turn += 1) {
      wakeWorker();
      await world.clock.pass(300_000);
    }
    assert.deepEqual(isKeptAndUnsent(), [], "the worker sends all that is kept");
  }
  const { life, queue } = openPage();
  const items = () => queue.getSnapshot().items;
  const states = () =>
    JSON.stringify(items().map(({ name, state, problem }) => [name, state, problem?.code]));
  const isOver = () =>
    items().every((item) => hasEnded(item) || item.state === "needs-file") &&
    world.clock.nextDueMs() === undefined;
  for (let round = 0; round < 40 && !(round > 2 && isOver()); round += 1) {
    life.look();
    life.comeOnline();
    queue.signedIn();
    queue.retryAll();
    await world.clock.pass(round < 5 ? 1000 : 600_000);
  }
  assert.deepEqual(failures, []);
  assert.ok(isOver(), `it never ends: ${states()}`);

  const all = [...world.uploads.values()];
  for (const { name, isPromised, isCancelled, isGivenUp } of given.values()) {
    const own = all.filter(({ intent }) => intent.name === name);
    const ready = own.filter((upload) => upload.state === "ready" && !world.isTrashed(upload.fileId));
    assert.ok(ready.length <= 1, `${name} is there ${ready.length} times`);
    if (isGivenUp) assert.equal(ready.length, 0, `${name} was given up, and is there`);
    if (isPromised && !isCancelled)
      assert.equal(ready.length, 1, `${name} was kept, and is lost: ${states()}`);
    const left = own.filter(({ state }) => !["ready", "aborted", "rejected"].includes(state));
    if (!isCancelled && ready.length === 1) assert.deepEqual(left, [], `${name} has an upload that is open`);
  }
  for (const { name, state } of items())
    assert.ok(state === "ready" || state === "cancelled" || state === "needs-file", `${name} is ${state}`);
  killPage();
}

test("ends every file once, whoever sends it and whenever page and worker come and go", async (t) => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { maxLength: 25 }),
      fc.array(mishap, { maxLength: 100 }),
      fc.boolean(),
      async (acts, mishaps, endsWithWorker) => {
        runs += 1;
        await live(acts, mishaps, endsWithWorker);
      },
    ),
    { numRuns: Number(process.env.RUNS ?? (process.env.STOWAGE_TEST_LEVEL === "full" ? 20_000 : 500)) },
  );
  t.diagnostic(`${runs} runs`);
});
