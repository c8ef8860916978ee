// The page of the tests of this folder's lock and channel: what they call is on globalThis.

import { queueChannelCases } from "../queue/queue-channel.contract.ts";
import { queueLockCases } from "../queue/queue-lock.contract.ts";
import type { QueueLead } from "../queue/queue-lock.ts";
import { createBroadcastChannel } from "./broadcast-channel.ts";
import { createWebLock } from "./web-lock.ts";

let lead: QueueLead | undefined;
let isLost = false;
let mayYield = true;
let visibility: DocumentVisibilityState = "visible";

// Chromium without a window shows every tab.
Object.defineProperty(document, "visibilityState", { get: () => visibility });

async function outcomesOf(cases: readonly { name: string; run(): Promise<void> }[]) {
  const outcomes: [string, string][] = [];
  for (const { name, run } of cases)
    outcomes.push([
      name,
      await run().then(
        () => "holds",
        (error: unknown) => String(error),
      ),
    ]);
  return outcomes;
}

Object.assign(globalThis, {
  runCases: () =>
    outcomesOf([
      ...queueLockCases.map(({ name, run }) => ({ name, run: () => run(createWebLock, name) })),
      ...queueChannelCases.map(({ name, run }) => ({ name, run: () => run(createBroadcastChannel, name) })),
    ]),
  show(state: DocumentVisibilityState) {
    visibility = state;
    document.dispatchEvent(new Event("visibilitychange"));
  },
  refuseToYield() {
    mayYield = false;
  },
  /** Wants the lead, and steps down when it is lost, as a queue does. */
  want(owner: string) {
    lead = undefined;
    isLost = false;
    void createWebLock(owner)
      .acquire(new AbortController().signal, () => mayYield)
      .then((had) => {
        lead = had;
        had.lost.addEventListener("abort", () => {
          isLost = true;
          had.release();
        });
      });
  },
  state: () => (isLost ? "lost" : lead ? "leads" : "waits"),
  release: () => lead?.release(),
  /** A script that hangs. */
  hang(forMs: number) {
    setTimeout(() => {
      const until = performance.now() + forMs;
      while (performance.now() < until);
    });
  },
});
