import type { MetadataStore, OpenUploads } from "@stowage/core";
import { Gauge, type Registry } from "prom-client";

/** Of each number no more rows are looked at: 15 ms at the worst, whatever waits. */
const countedAtMost = 10_000;

/** However often it is scraped, the database is asked this often at most. */
const maxAgeMs = 5_000;

/** What the database has of uploads that have not ended. */
export function gaugeOpenUploads(
  registry: Registry,
  metadata: Pick<MetadataStore, "countOpenUploads">,
  nowMs: () => number,
): void {
  const registers = [registry];
  let known: { readonly atMs: number; readonly counts: Promise<OpenUploads> } | undefined;
  const read = (): Promise<OpenUploads> => {
    const now = performance.now();
    if (!known || now - known.atMs >= maxAgeMs)
      known = { atMs: now, counts: metadata.countOpenUploads(countedAtMost) };
    return known.counts;
  };
  /** A database that is away says nothing of uploads, and all else is told all the same. */
  const tryRead = (): Promise<OpenUploads | undefined> => read().catch(() => undefined);

  new Gauge({
    name: "stowage_open_uploads",
    help: `Uploads that have not ended, by state; ${countedAtMost} where there are that many or more.`,
    labelNames: ["state"],
    registers,
    async collect() {
      this.reset();
      const counts = await tryRead();
      if (!counts) return;
      for (const state of ["pending", "uploaded", "verifying"] as const) this.set({ state }, counts[state]);
    },
  });
  new Gauge({
    name: "stowage_queue_length",
    help: `Uploads that a worker could take up now; ${countedAtMost} where there are that many or more.`,
    registers,
    async collect() {
      const counts = await tryRead();
      this.set(counts ? counts.waiting : Number.NaN);
    },
  });
  new Gauge({
    name: "stowage_queue_oldest_seconds",
    help: "How long the first of them has waited; 0 where none waits.",
    registers,
    async collect() {
      const counts = await tryRead();
      const since = counts?.waitingSinceMs;
      if (!counts) this.set(Number.NaN);
      else this.set(since === undefined ? 0 : Math.max(0, nowMs() - since) / 1000);
    },
  });
}
