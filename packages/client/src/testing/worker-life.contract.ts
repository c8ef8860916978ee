import assert from "node:assert/strict";
import { type Drained, drainQueue } from "../service-worker/drain-queue.ts";
import type { WorkerPlatform } from "../service-worker/worker-requests.ts";
import { createLightAbortController } from "./light-abort-controller.contract.ts";
import type { Life, SimulatedSource } from "./simulated-world.contract.ts";

/** What a service worker has of a simulated device. */
export const workerPlatformOf = ({ options }: Life): WorkerPlatform<SimulatedSource> => ({
  server: options.server,
  getToken: options.getToken,
  fetch(url, init) {
    const { pathname, searchParams } = new URL(url);
    // What `uploads:write` is good for (docs/tokens.md).
    const isAllowed =
      pathname.startsWith("/bucket/") ||
      (pathname.startsWith("/v1/uploads") &&
        (init?.method !== "GET" || searchParams.has("ids") || pathname.endsWith("/parts")));
    assert.ok(isAllowed, `${init?.method} ${pathname}`);
    return options.fetch(url, init);
  },
  sha256: (bytes) => options.digest.sha256(bytes, () => undefined),
  later(ms, callBack) {
    const { signal, abort } = createLightAbortController();
    options.clock.delay(ms, signal).then(callBack, () => undefined);
    return abort;
  },
});

/** One turn of a service worker: it waits for the lead, and does what there is to do. */
export async function runWorkerTurn(life: Life): Promise<Drained> {
  const lead = await life.lock.acquire(createLightAbortController().signal, () => true);
  try {
    return await drainQueue(workerPlatformOf(life), life.store, lead.lost);
  } finally {
    lead.release();
  }
}
