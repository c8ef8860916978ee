import type { AuditChainHead, AuditEventRecord, AuditExtent, AuditLink } from "../audit-event.ts";
import { auditHash, chainStart, type Sha256OfText } from "./audit-chain.ts";

/** That an event was the last of its chain at some time, as somebody outside of the log has it. */
export interface AuditCheckpoint extends AuditLink {
  readonly atMs: number;
  /** Of the whole log, at that time. */
  readonly extent?: AuditExtent;
}

/** What shows that a log is not what was written. */
export type AuditFault =
  /** It, or the hash of the one before it in its chain, is not what was hashed. */
  | { readonly kind: "changed"; readonly sequence: number; readonly link: AuditLink }
  /** No events have these sequences, both included. */
  | { readonly kind: "missing"; readonly fromSequence: number; readonly toSequence: number }
  /** Its number is not the one after the last of its chain. */
  | {
      readonly kind: "misplaced";
      readonly sequence: number;
      readonly link: AuditLink;
      readonly expectedNumber: number;
    }
  /** It has a sequence no higher than the one before it. */
  | { readonly kind: "out-of-order"; readonly sequence: number }
  /** It has no link, and an event behind it has one: it was put there, or its link was taken. */
  | { readonly kind: "unlinked"; readonly sequence: number }
  /** The chain ends before the event that a checkpoint names, or the whole log before the last that there was at that time. */
  | {
      readonly kind: "truncated";
      readonly lastNumber: number;
      readonly lastSequence: number;
      readonly checkpoint: AuditCheckpoint;
    }
  /** The heads that a log begins with tell of more events than there are sequences before it. */
  | { readonly kind: "impossible-start"; readonly sequence: number; readonly count: number }
  /** The event that a checkpoint names is another now, and so is what it follows. */
  | { readonly kind: "rewritten"; readonly checkpoint: AuditCheckpoint }
  /** The database has another last event of the chain written down than the log has. */
  | { readonly kind: "other-head"; readonly chain: string; readonly lastNumber: number }
  /** The database has another event written down as the last that has a link. */
  | { readonly kind: "other-position"; readonly recordedSequence: number; readonly linkedSequence: number }
  /** Up to the sequence that a checkpoint names more events have links, or fewer, than it says. */
  | { readonly kind: "other-extent"; readonly count: number; readonly extent: AuditExtent };

/** What is known of one chain after a verification. */
export interface VerifiedChain extends AuditChainHead {
  /** The highest number that a checkpoint vouches for; 0 = none. */
  readonly coveredNumber: number;
}

export interface AuditVerification {
  /** The first of them, in the order of the log; at most {@link keptFaults}. */
  readonly faults: readonly AuditFault[];
  readonly faultCount: number;
  readonly eventCount: number;
  /** Of those, how many at the end have no link yet. */
  readonly unchainedCount: number;
  /** When the first of those happened. */
  readonly unchainedSinceMs?: number;
  /** When the first event happened that has a link and that no checkpoint vouches for. */
  readonly uncoveredSinceMs?: number;
  readonly lastEventAtMs?: number;
  /** How many events are dated {@link backdatedMs} or more before one in front of them, and the first: put there, or a clock was set back. Absent: none is. */
  readonly backdated?: { readonly count: number; readonly firstSequence: number };
  readonly chains: readonly VerifiedChain[];
}

/** Faults that are told one by one: a log that was rewritten has one at each event. */
export const keptFaults = 100;

/** Several processes write events, each a moment after it happened. */
export const backdatedMs: number = 5 * 60_000;

interface ChainState extends AuditChainHead {
  coveredNumber: number;
}

/**
 * Holds a log to its own hashes and to checkpoints: events are given in the order of the log, one after the other, so that
 * a log of any size can be verified.
 *
 * @param o.after where the log does not begin at its beginning: the sequence before its first event, and the heads of then
 */
export function createAuditVerification(o: {
  readonly sha256: Sha256OfText;
  readonly checkpoints: readonly AuditCheckpoint[];
  readonly after?: { readonly sequence: number; readonly heads: readonly AuditChainHead[] };
}) {
  const faults: AuditFault[] = [];
  let faultCount = 0;
  let eventCount = 0;
  let lastSequence = o.after?.sequence ?? 0;
  let lastEventAtMs: number | undefined;
  let backdated: AuditVerification["backdated"];
  let unlinked: { readonly sequence: number; readonly atMs: number }[] = [];
  let unlinkedCount = 0;
  let sealedWithoutHash: AuditFault[] = [];
  let sealedWithoutHashCount = 0;
  /** Whether a seal was found in its event's hash: from the first of them on it is in all. */
  let areSealsHashed = false;
  let isExcused = false;
  let linkedSequence = o.after?.sequence ?? 0;
  let linkedCount = (o.after?.heads ?? []).reduce((sum, { number }) => sum + number, 0);
  /** Those not held to yet, the highest first; of what was before the log's beginning nothing is known. */
  const extents = o.checkpoints
    .flatMap(({ extent }) => extent ?? [])
    .filter(({ sequence }) => sequence >= lastSequence)
    .sort((one, other) => other.sequence - one.sequence);
  /** By chain, when the first event happened behind the last that a checkpoint vouches for. */
  const uncoveredSince = new Map<string, number>();
  const chains = new Map<string, ChainState>();
  const checkpoints = new Map<string, Map<number, AuditCheckpoint[]>>();
  const lastCheckpoints = new Map<string, AuditCheckpoint>();
  /** With the highest extent. */
  let lastExtent: AuditCheckpoint | undefined;

  for (const checkpoint of o.checkpoints) {
    const ofChain = checkpoints.get(checkpoint.chain) ?? new Map<number, AuditCheckpoint[]>();
    ofChain.set(checkpoint.number, [...(ofChain.get(checkpoint.number) ?? []), checkpoint]);
    checkpoints.set(checkpoint.chain, ofChain);
    const last = lastCheckpoints.get(checkpoint.chain);
    if (!last || checkpoint.number > last.number) lastCheckpoints.set(checkpoint.chain, checkpoint);
    if ((checkpoint.extent?.sequence ?? 0) > (lastExtent?.extent?.sequence ?? 0)) lastExtent = checkpoint;
  }
  // Whoever writes a log's first line could have its heads meet all checkpoints: no event would have to follow.
  if (o.after && linkedCount > o.after.sequence)
    report({ kind: "impossible-start", sequence: o.after.sequence, count: linkedCount });
  for (const head of o.after?.heads ?? []) {
    chains.set(head.chain, { ...head, coveredNumber: 0 });
    holdToCheckpoints(head);
  }

  function report(fault: AuditFault): void {
    faultCount += 1;
    if (faults.length < keptFaults) faults.push(fault);
  }

  function holdToCheckpoints(link: AuditLink): void {
    for (const checkpoint of checkpoints.get(link.chain)?.get(link.number) ?? [])
      if (checkpoint.hash !== link.hash) report({ kind: "rewritten", checkpoint });
      else {
        const state = chains.get(link.chain);
        if (state) state.coveredNumber = Math.max(state.coveredNumber, link.number);
        uncoveredSince.delete(link.chain);
      }
  }

  /** To those that end before a sequence. Only the first that does not fit is told: what comes after it can't. */
  function holdToExtents(beforeSequence: number): void {
    for (let extent = extents.at(-1); extent && extent.sequence < beforeSequence; extent = extents.at(-1)) {
      extents.pop();
      if (extent.count === linkedCount) continue;
      report({ kind: "other-extent", count: linkedCount, extent });
      extents.length = 0;
    }
  }

  /** Of an event that says that seals before it may be in no hash: no checkpoint tells of another one, or of none. */
  const isVouchedFor = (sequence: number): boolean =>
    o.checkpoints.every(({ extent }) => (extent?.sealsHashedAt ?? sequence) === sequence);

  /** Only of what a later event, the first that does, says that it may be so is a seal not in the hash. */
  function reportChanged(event: AuditEventRecord, link: AuditLink, previousHash: string): void {
    const { sealedBy, ...unsealed } = event;
    const fault = { kind: "changed", sequence: event.sequence, link } as const;
    const isOfBefore = sealedBy !== undefined && !areSealsHashed && !isExcused;
    if (!isOfBefore || auditHash(o.sha256, previousHash, unsealed, link) !== link.hash) {
      report(fault);
      return;
    }
    sealedWithoutHashCount += 1;
    if (sealedWithoutHash.length < keptFaults) sealedWithoutHash.push(fault);
  }

  function addLinked(event: AuditEventRecord, link: AuditLink): void {
    const { sequence } = event;
    for (const each of unlinked) report({ kind: "unlinked", sequence: each.sequence });
    faultCount += unlinkedCount - unlinked.length;
    unlinked = [];
    unlinkedCount = 0;
    linkedCount += 1;
    linkedSequence = Math.max(linkedSequence, sequence);
    const previous = chains.get(link.chain) ?? { ...chainStart, chain: link.chain, coveredNumber: 0 };
    const expectedNumber = previous.number + 1;
    // Behind a gap nothing can be said of the hash: what it was made of is not there.
    if (link.number !== expectedNumber) report({ kind: "misplaced", sequence, link, expectedNumber });
    else if (auditHash(o.sha256, previous.hash, event, link) !== link.hash)
      reportChanged(event, link, previous.hash);
    else if (event.sealedBy !== undefined) areSealsHashed = true;
    if (event.action === "audit.seals-hashed" && !isExcused && isVouchedFor(sequence)) {
      isExcused = true;
      sealedWithoutHash = [];
      sealedWithoutHashCount = 0;
    }
    chains.set(link.chain, { ...link, coveredNumber: previous.coveredNumber });
    if (!uncoveredSince.has(link.chain)) uncoveredSince.set(link.chain, event.atMs);
    holdToCheckpoints(link);
  }

  return {
    add(event: AuditEventRecord): void {
      const { sequence, link, atMs } = event;
      eventCount += 1;
      holdToExtents(sequence);
      if (sequence <= lastSequence) report({ kind: "out-of-order", sequence });
      else if (sequence > lastSequence + 1)
        report({ kind: "missing", fromSequence: lastSequence + 1, toSequence: sequence - 1 });
      lastSequence = Math.max(lastSequence, sequence);
      if (atMs <= (lastEventAtMs ?? 0) - backdatedMs)
        backdated = {
          count: (backdated?.count ?? 0) + 1,
          firstSequence: backdated?.firstSequence ?? sequence,
        };
      lastEventAtMs = Math.max(lastEventAtMs ?? 0, atMs);
      if (link) addLinked(event, link);
      else {
        unlinkedCount += 1;
        if (unlinked.length < keptFaults) unlinked.push({ sequence, atMs });
      }
    },

    /**
     * @param recorded what the database has written down beside the log, where it is one: the highest sequence that was ever
     *   given, the last one that was linked, and the chains' heads
     */
    end(
      recorded: {
        readonly lastSequence?: number;
        readonly linkedSequence?: number;
        readonly heads?: readonly AuditChainHead[];
      } = {},
    ): AuditVerification {
      for (const fault of sealedWithoutHash) report(fault);
      faultCount += sealedWithoutHashCount - sealedWithoutHash.length;
      // Those of later are for the end of the log itself.
      holdToExtents(lastSequence + 1);
      if (recorded.lastSequence !== undefined && recorded.lastSequence > lastSequence)
        report({ kind: "missing", fromSequence: lastSequence + 1, toSequence: recorded.lastSequence });
      if (recorded.linkedSequence !== undefined && recorded.linkedSequence !== linkedSequence)
        report({ kind: "other-position", recordedSequence: recorded.linkedSequence, linkedSequence });
      let isTruncated = false;
      for (const checkpoint of lastCheckpoints.values()) {
        const lastNumber = chains.get(checkpoint.chain)?.number ?? 0;
        if (checkpoint.number <= lastNumber) continue;
        isTruncated = true;
        report({ kind: "truncated", lastNumber, lastSequence, checkpoint });
      }
      // Chains whose heads were given as they ended later tell nothing: then the log's own end does.
      if (lastExtent && !isTruncated && (lastExtent.extent?.sequence ?? 0) > lastSequence) {
        const lastNumber = chains.get(lastExtent.chain)?.number ?? 0;
        report({ kind: "truncated", lastNumber, lastSequence, checkpoint: lastExtent });
      }
      if (recorded.heads) {
        const heads = new Map(recorded.heads.map((head) => [head.chain, head]));
        for (const chain of new Set([...heads.keys(), ...chains.keys()])) {
          const [head, last] = [heads.get(chain), chains.get(chain)];
          if (head?.number !== last?.number || head?.hash !== last?.hash)
            report({ kind: "other-head", chain, lastNumber: last?.number ?? 0 });
        }
      }
      const uncovered = [...uncoveredSince.values()];
      const [firstUnlinked] = unlinked;
      return {
        faults,
        faultCount,
        eventCount,
        unchainedCount: unlinkedCount,
        ...(firstUnlinked ? { unchainedSinceMs: firstUnlinked.atMs } : {}),
        ...(uncovered.length > 0 ? { uncoveredSinceMs: Math.min(...uncovered) } : {}),
        ...(lastEventAtMs === undefined ? {} : { lastEventAtMs }),
        ...(backdated ? { backdated } : {}),
        chains: [...chains.values()],
      };
    },
  };
}
