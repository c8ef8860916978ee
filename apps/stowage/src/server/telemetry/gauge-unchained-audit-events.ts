import type { MetadataStore } from "@stowage/core";
import { Gauge, type Registry } from "prom-client";
import { readNowAndThen } from "./read-now-and-then.ts";

/** No more rows are looked at. */
const countedAtMost = 10_000;

/** What the database has of audit events that have no place in a chain yet. */
export function gaugeUnchainedAuditEvents(
  registry: Registry,
  metadata: Pick<MetadataStore, "countUnchainedAuditEvents">,
): void {
  const read = readNowAndThen(() => metadata.countUnchainedAuditEvents(countedAtMost));
  new Gauge({
    name: "stowage_audit_unchained_events",
    help: `Audit events that wait for the sequencer; ${countedAtMost} where there are that many or more.`,
    registers: [registry],
    async collect() {
      this.set((await read()) ?? Number.NaN);
    },
  });
}
