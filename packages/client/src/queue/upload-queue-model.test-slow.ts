import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { captivePortal, type Fault, startScriptedServer, storeError } from "../testing/index.contract.ts";
import { sourceOf, testPlatform } from "../testing/test-platform.contract.ts";
import { createUploader } from "../uploader.ts";
import { createUploadQueue } from "./create-upload-queue.ts";
import { hasEnded } from "./upload-item.ts";

/** What a person does, at some moment. */
type Act =
  | { readonly type: "add"; readonly count: number }
  | { readonly type: "cancel" | "retry" | "dismiss"; readonly nth: number }
  | { readonly type: "retry-all" | "clear-ended" | "online" }
  | { readonly type: "wait"; readonly ms: number };

const act: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant("add" as const), count: fc.integer({ min: 1, max: 5 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constantFrom("cancel" as const, "retry" as const, "dismiss" as const),
      nth: fc.nat(20),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      type: fc.constantFrom("retry-all" as const, "clear-ended" as const, "online" as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constant("wait" as const), ms: fc.integer({ min: 0, max: 30 }) }),
  },
);
const fault: fc.Arbitrary<Fault | undefined> = fc.oneof(
  { weight: 12, arbitrary: fc.constant(undefined) },
  {
    weight: 6,
    arbitrary: fc.constantFrom<Fault>("reset", "reset-mid-body", "commit-then-reset", "reset-mid-answer"),
  },
  { weight: 2, arbitrary: fc.constantFrom<Fault>(captivePortal, storeError(503, "SlowDown")) },
);

test("ends every file as its person wanted it, whatever the network and the person do", async (t) => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(act, { maxLength: 25 }),
      fc.array(fault, { maxLength: 120 }),
      async (acts, faults) => {
        runs += 1;
        // The network heals once they are used up.
        const left = [...faults];
        const server = await startScriptedServer({ fault: () => left.shift() });
        let comeOnline = () => undefined as unknown;
        const queue = createUploadQueue(
          createUploader(
            testPlatform(server.url, {
              maxAttempts: 3,
              connectivity: {
                onOnline(listener) {
                  comeOnline = listener;
                  return () => undefined;
                },
              },
            }),
          ),
        );
        const nth = (index: number) => {
          const { items } = queue.getSnapshot();
          return items.length > 0 ? (items[index % items.length]?.id ?? "") : "";
        };
        const cancelled = new Set<string>();
        let named = 0;
        const perform = async (one: Act): Promise<void> => {
          switch (one.type) {
            case "add":
              for (let count = 0; count < one.count; count += 1, named += 1)
                queue.add([sourceOf(`${named}.jpg`, `the bytes of ${named}`)]);
              return;
            case "cancel": {
              const id = nth(one.nth);
              const item = queue.getSnapshot().items.find((each) => each.id === id);
              if (item && !hasEnded(item)) cancelled.add(item.name);
              return queue.cancel(id);
            }
            case "retry":
              return queue.retry(nth(one.nth));
            case "dismiss":
              return queue.dismiss(nth(one.nth));
            case "retry-all":
              return queue.retryAll();
            case "clear-ended":
              return queue.clearEnded();
            case "online":
              return void comeOnline();
            case "wait":
              await new Promise((resolve) => setTimeout(resolve, one.ms));
          }
        };
        try {
          for (const one of acts) await perform(one);
          const endsAtMs = Date.now() + 20_000;
          while (queue.getSnapshot().items.some((item) => !hasEnded(item))) {
            assert.ok(Date.now() < endsAtMs, JSON.stringify(queue.getSnapshot().items));
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
          const uploads = [...server.uploads.values()];
          for (let index = 0; index < named; index += 1) {
            const name = `${index}.jpg`;
            if (cancelled.has(name)) continue;
            // One upload, and not another that waits for bytes which never come.
            const states = uploads.filter(({ intent }) => intent.name === name).map(({ state }) => state);
            assert.deepEqual(states, ["ready"], name);
          }
          for (const { name, state } of queue.getSnapshot().items)
            assert.ok(
              state === "ready" || (state === "cancelled" && cancelled.has(name)),
              `${name} is ${state}`,
            );
        } finally {
          queue.close();
          await server.close();
        }
      },
    ),
    { numRuns: process.env.STOWAGE_TEST_LEVEL === "full" ? 400 : 60 },
  );
  t.diagnostic(`${runs} runs`);
});
