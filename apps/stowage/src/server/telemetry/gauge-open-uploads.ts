import type { MetadataStore } from "@stowage/core";
import { Gauge, type Registry } from "prom-client";
import { gaugeWaiting } from "./gauge-waiting.ts";
import { readNowAndThen } from "./read-now-and-then.ts";

/** Of each number no more rows are looked at: 15 ms at the worst, whatever waits. */
const countedAtMost = 10_000;

/** What the database has of uploads that have not ended. */
export function gaugeOpenUploads(
  registry: Registry,
  metadata: Pick<MetadataStore, "countOpenUploads">,
  nowMs: () => number,
): void {
  const read = readNowAndThen(() => metadata.countOpenUploads(countedAtMost));
  new Gauge({
    name: "stowage_open_uploads",
    help: `Uploads that have not ended, by state; ${countedAtMost} where there are that many or more.`,
    labelNames: ["state"],
    registers: [registry],
    async collect() {
      this.reset();
      const counts = await read();
      if (!counts) return;
      for (const state of ["pending", "uploaded", "verifying"] as const) this.set({ state }, counts[state]);
    },
  });
  gaugeWaiting(registry, { name: "stowage_queue", of: "Uploads", countedAtMost }, read, nowMs);
}

/** What the database has of derivatives that were asked for and are not made yet. */
export function gaugeWaitingDerivatives(
  registry: Registry,
  metadata: Pick<MetadataStore, "countWaitingDerivatives">,
  nowMs: () => number,
): void {
  const read = readNowAndThen(() => metadata.countWaitingDerivatives(countedAtMost));
  const queue = { name: "stowage_derivative_queue", of: "Derivatives", countedAtMost };
  gaugeWaiting(registry, queue, read, nowMs);
}
