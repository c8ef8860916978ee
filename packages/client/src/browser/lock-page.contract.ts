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

// Chromium without a window shows every tab. A worker has this module, too, and no document.
if (globalThis.document) Object.defineProperty(document, "visibilityState", { get: () => visibility });
else addEventListener("message", ({ data: owner }: MessageEvent<string>) => want(owner));

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

/** Wants the lead, and steps down when it is lost, as a queue does. */
async function want(owner: string): Promise<void> {
  lead = undefined;
  isLost = false;
  const tell = (what: string) => {
    if (!globalThis.document) postMessage(what);
  };
  const had = await createWebLock(owner).acquire(new AbortController().signal, () => mayYield);
  lead = had;
  tell("leads");
  had.lost.addEventListener("abort", () => {
    isLost = true;
    had.release();
    tell("lost");
  });
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
  want: (owner: string) => void want(owner),
  /** In a worker, which like a service worker is never looked at; resolves once that leads. */
  wantInWorker: (owner: string) =>
    new Promise((resolve) => {
      const worker = new Worker("/page.js", { type: "module" });
      worker.onmessage = ({ data }) => {
        isLost = data === "lost";
        resolve(data);
      };
      worker.postMessage(owner);
    }),
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
