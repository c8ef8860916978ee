import type {
  ArchiveFailure,
  ArchivePart,
  ArchiveRecord,
  ArchiveRequest,
  LeftOutFile,
} from "../archives/archive.ts";
import type { archivePartKey } from "../keys.ts";
import type { lateWriterMs } from "../limits.ts";
import type { queueTurn } from "../queue-turn.ts";

/** Of the metadata store, what concerns archives. */
export interface ArchiveCommands {
  /** Has one made by whoever claims it. endsAt = now + lifetimeMs. Audit `archive.asked`, by its owner. */
  askArchive(command: {
    readonly id: string;
    readonly ownerId: string;
    readonly request: ArchiveRequest;
    /** Below which all its keys are. */
    readonly keyPrefix: string;
    readonly lifetimeMs: number;
    /** Of one owner; of those that failed or are stale, the ones of which the store still has something. */
    readonly maxPerOwner: number;
  }): Promise<
    { readonly outcome: "asked"; readonly archive: ArchiveRecord } | { readonly outcome: "too-many" }
  >;
  /**
   * Takes an archive that may be claimed, with the lowest {@link queueTurn}, so that owners take turns. attempt += 1, failedAttempts += 1
   * (taken back by a release that says so). What an attempt that was lost has begun is doomed from {@link lateWriterMs} on. No audit.
   */
  claimArchive(command: { readonly leaseMs: number }): Promise<ArchiveTask | undefined>;
  /** Extends a claim that is still held. False: it was lost. No audit. */
  renewArchive(command: ArchiveClaim & { readonly leaseMs: number }): Promise<boolean>;
  /**
   * Records that the next part, which is `number`, is being sent to the store in parts, under {@link archivePartKey}: what has come of it
   * is known if the worker dies, and which files are to be in it, so that whatever becomes of them is found to concern it. False: the claim was
   * lost. No audit.
   *
   * @param command.fileIds at most 5,000
   */
  beginArchivePart(
    command: ArchiveClaim & {
      readonly number: number;
      readonly storeUploadId: string;
      readonly fileIds: readonly string[];
    },
  ): Promise<boolean>;
  /** Gives a claim back for `retryInMs`; what was begun is doomed. `consumed: false` takes the failed attempt back. False: it was lost. No audit. */
  releaseArchive(
    command: ArchiveClaim & { readonly retryInMs: number; readonly consumed: boolean },
  ): Promise<boolean>;
  /** Ends a claim that is held. endsAt = now + lifetimeMs; what a failed one has begun is doomed. Audit `archive.made` | `archive.failed`. */
  finishArchive(
    command: ArchiveClaim & { readonly result: ArchiveResult; readonly lifetimeMs: number },
  ): Promise<"finished" | "stale">;
  /** ready → stale; its parts are doomed from now on. True where it was. Audit `archive.outdated`, by the system. */
  outdateArchive(archiveId: string): Promise<boolean>;
  /** Ready ones by id, everybody's, for deciding them again. */
  listReadyArchives(list: {
    /** The id of the last one of the page before. */
    readonly after?: string;
    /** 1 to 1000. */
    readonly limit: number;
  }): Promise<readonly ArchiveRecord[]>;
  /**
   * Ready ones by id of which something may be another's or gone since: a file in them was changed or purged, taken out of an album or its grant taken back, or
   * their owner is in an album no more. Others may be among them.
   */
  listDoubtedArchives(list: {
    readonly after?: string;
    /** 1 to 1000. */
    readonly limit: number;
  }): Promise<readonly DoubtedArchive[]>;
  /** It was decided again as it was when it was listed, and is as it should be. No audit. */
  settleArchive(archive: Pick<ArchiveRecord, "id"> & Pick<DoubtedArchive, "doubts">): Promise<void>;
  findArchive(archiveId: string): Promise<ArchiveRecord | undefined>;
  /**
   * Deletes at most `limit` of those whose end has come, or of an owner's all, whatever their state; their parts, and what was begun, are
   * doomed. Audit `archive.expired` of each, by the system. Answers how many it was.
   */
  endArchives(command: { readonly limit: number; readonly ownerId?: string }): Promise<number>;
}

export interface DoubtedArchive {
  readonly archive: ArchiveRecord;
  /** How often something has become of what is in it, since it was settled. */
  readonly doubts: number;
}

export interface ArchiveClaim {
  readonly archiveId: string;
  readonly attempt: number;
}

/** An archive to make, in the hands of whoever claimed it. */
export interface ArchiveTask extends ArchiveClaim {
  readonly archive: ArchiveRecord;
  readonly failedAttempts: number;
  readonly keyPrefix: string;
  /** Of an attempt that was lost: open in the store, perhaps. */
  readonly abandoned?: { readonly key: string; readonly storeUploadId: string };
}

export type ArchiveResult =
  | {
      readonly kind: "made";
      readonly parts: readonly ArchivePart[];
      readonly leftOut: readonly LeftOutFile[];
    }
  | ({ readonly kind: "failed" } & ArchiveFailure);
