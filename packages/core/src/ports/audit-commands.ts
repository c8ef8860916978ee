import type { NewAuditLink, UnchainedAuditEvent } from "../audit/audit-chain.ts";
import type { AuditChainHead, AuditEventRecord, AuditExtent, NewAuditEvent } from "../audit-event.ts";

/** No lease of the sequencer's is longer: one that seems to be was written by a clock that has been set back since. */
export const longestSequencerLeaseMs = 5 * 60_000;

export interface ListAuditEventsBack {
  /** Only what was done to it. Default: to anything. */
  readonly targetId?: string;
  /** Only what they did; not beside `targetId`. Default: anybody. */
  readonly actorId?: string;
  /** The sequence of the last one of the page before. */
  readonly before?: number;
  /** 1 to 201: a page, and the row that tells of a next one. */
  readonly limit: number;
}

/** Of the metadata store, what concerns the audit. */
export interface AuditCommands {
  /** Writes events that no other command leaves, as they come, all or none. */
  addAuditEvents(events: readonly NewAuditEvent[]): Promise<void>;

  /** Audit events, oldest first, for checks and the operator's command. */
  listAuditEvents(list: {
    readonly afterSequence: number;
    readonly limit: number;
  }): Promise<readonly AuditEventRecord[]>;
  /**
   * Those that have a link, newest first. What is about a file or an upload that an album had sealed when it was written is left out until the album is
   * revealed, and for ever where that was deleted before.
   */
  listAuditEventsBack(list: ListAuditEventsBack): Promise<readonly AuditEventRecord[]>;

  /** How many wait for the sequencer, as they themselves say: exact up to `limit` (1 to 100,000), and `limit` where there are more. */
  countUnchainedAuditEvents(limit: number): Promise<number>;
  /**
   * Takes the next events that have no link, in their order, and the heads of their chains, for the one sequencer that holds the
   * lease: this one from then on for `leaseMs`, or until it has linked the last that there is, where nobody else does. Who has it for half of
   * that yet takes more without writing. An event's chain is said here, by {@link noOrganisation}'s rule, and stays what it was said to be. No audit.
   */
  takeUnchainedAuditEvents(command: {
    /** Of the sequencer's process, new at each start. */
    readonly sequencerId: string;
    /** 1 to {@link longestSequencerLeaseMs}. */
    readonly leaseMs: number;
    /** 1 to 10,000. */
    readonly limit: number;
  }): Promise<
    | {
        readonly outcome: "taken";
        readonly events: readonly UnchainedAuditEvent[];
        readonly heads: readonly AuditChainHead[];
      }
    /** All have a link: nothing was written. */
    | { readonly outcome: "none" }
    /** Another sequencer has the lease: nothing was written. */
    | { readonly outcome: "held" }
  >;
  /**
   * Writes the links of events that were taken, all or none, where the sequencer is still the last that took any, and the first of them
   * is still the first that has none: one that wakes late changes nothing. No audit.
   */
  linkAuditEvents(command: {
    readonly sequencerId: string;
    /** At least one, in the order of their sequences: of the first that has none, and all up to the last of them. */
    readonly links: readonly NewAuditLink[];
  }): Promise<"linked" | "stale">;
  /** The last event of each chain that has one, by chain. */
  listAuditChainHeads(): Promise<readonly AuditChainHead[]>;
  findAuditExtent(): Promise<AuditExtent>;
}
