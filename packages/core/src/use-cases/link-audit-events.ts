import { makeAuditLinks, type Sha256OfText } from "../audit/audit-chain.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";

/**
 * Of one transaction: some ten milliseconds, for which nobody else writes. After each transaction of another process SQLite reads anew what it
 * had in memory: of a backlog few large ones cost whoever writes besides less than many small ones.
 */
const defaultBatch = 1000;

/** A sequencer that died is replaced after this. */
export const sequencerLeaseMs = 10_000;

/**
 * Links the audit events that have no link yet, batch by batch, until none is left, another sequencer has the lease, or
 * `signal` is aborted. Idempotent, and may die at any moment: what was not linked is taken by the next.
 *
 * @returns how many events it linked
 */
export async function linkAuditEvents(
  { metadata }: { readonly metadata: MetadataStore },
  o: {
    readonly sha256: Sha256OfText;
    /** New at each start of the process. */
    readonly sequencerId: string;
    /** 1 to 10,000. Default 1000. */
    readonly batch?: number;
    readonly signal?: AbortSignal;
  },
): Promise<number> {
  let linked = 0;
  // Only looking is no transaction: a server that nobody uses writes nothing.
  while (!o.signal?.aborted && (await metadata.countUnchainedAuditEvents(1)) > 0) {
    const taken = await metadata.takeUnchainedAuditEvents({
      sequencerId: o.sequencerId,
      leaseMs: sequencerLeaseMs,
      limit: o.batch ?? defaultBatch,
    });
    if (taken.outcome !== "taken") break;
    const links = makeAuditLinks(o.sha256, taken.heads, taken.events);
    const outcome = await metadata.linkAuditEvents({ sequencerId: o.sequencerId, links });
    if (outcome === "stale") break;
    linked += links.length;
  }
  return linked;
}
