import type { AlbumRecord } from "../album.ts";
import type { Actor } from "../audit-event.ts";
import type { FileRecord, FileVersionRecord, VersionFacts, VersionOfFile } from "../file.ts";
import type { comparePositions, FileList, FilePosition, isListed } from "../file-lists/file-list.ts";
import type { KnownIdentity, PrincipalRecord } from "../principal.ts";
import type { queueTurn } from "../queue-turn.ts";
import type { DeclaredPart, UploadEventRecord, UploadRecord, UploadState } from "../upload.ts";
import type { AccountCommands } from "./account-commands.ts";
import type { AlbumCommands, AlbumsRefused } from "./album-commands.ts";
import type { ArchiveCommands } from "./archive-commands.ts";
import type { AuditCommands } from "./audit-commands.ts";
import type { CapabilityCommands } from "./capability-commands.ts";
import type { DelegationCommands } from "./delegation-commands.ts";
import type { DerivativeCommands } from "./derivative-commands.ts";
import type {
  ChangeFile,
  FileCommand,
  FileOutcome,
  QuarantineFile,
  VersionCommand,
  VersionOutcome,
} from "./file-commands.ts";
import type { GuestCommands } from "./guest-commands.ts";
import type { IdempotencyCommands } from "./idempotency-commands.ts";
import type { InviteCommands } from "./invite-commands.ts";
import type { LinkCommands } from "./link-commands.ts";
import type { Counters, OrganisationCommands } from "./organisation-commands.ts";
import type { PeopleCommands } from "./people-commands.ts";
import type { SharingCommands } from "./sharing-commands.ts";
import type { CreateUploadOutcome, CreateUploads, ExceededQuota, FinishResult } from "./upload-commands.ts";

/** An object that nothing needs any more and that may be deleted from `notBeforeMs` on; said twice, the later counts. */
export interface DoomedObject {
  readonly key: string;
  readonly notBeforeMs: number;
}

/** Where a page of a list begins: after the item of that time and id, newest first. */
export interface ListPosition {
  readonly createdAtMs: number;
  readonly id: string;
}

export interface ListUploads {
  readonly ownerId: string;
  readonly state?: UploadState;
  readonly after?: ListPosition;
  /** 1 to 201: a page, and the row that tells of a next one. */
  readonly limit: number;
}

export interface ListFiles {
  /** Of the files, unless the list is an audience's. */
  readonly ownerId: string;
  readonly list: FileList;
  readonly after?: FilePosition;
  /** 1 to 201: a page, and the row that tells of a next one. */
  readonly limit: number;
}

export type ListRevealed =
  | { readonly outcome: "listed"; readonly files: readonly FileRecord[] }
  /** It is to be unsealed first. */
  | { readonly outcome: "unsealing"; readonly album: AlbumRecord };

/** A version's objects, and whose they are. */
export interface VersionRecord extends Pick<VersionFacts, "key" | "sizeBytes" | "sha256" | "derivatives"> {
  readonly fileId: string;
  readonly ownerId: string;
  readonly version: number;
  /** Of the upload that brought it. */
  readonly storagePrefix: string;
}

/** Uploads that have not ended, by state, and what of them waits for a worker. */
export interface OpenUploads extends Readonly<Record<"pending" | "uploaded" | "verifying", number>> {
  /** Those that could be claimed now. */
  readonly waiting: number;
  /** Since when the first of those could have been. */
  readonly waitingSinceMs?: number;
}

/** What lists go by and show of a file, held to its row and its current version. */
export interface IndexedFileRecord {
  readonly fileId: string;
  readonly ownerId: string;
  readonly isRight: boolean;
}

export interface CountersRecord {
  readonly principalId: string;
  readonly recorded: Counters;
  readonly counted: Counters;
}

/**
 * Rows about people, uploads and files. **Every method is one atomic command**: plain data in, a closed set of
 * outcomes out; its first statement is the conditional one that decides, and a refusal writes nothing. Every
 * command that changes a state also writes the upload's timeline (where it concerns one) and exactly one audit
 * event, in the same transaction. `now` is the store's own clock; a time has passed from its own millisecond on.
 * A timeline's `detail` is empty where the command brings none. (Decision record 0002 lists each command's SQL and
 * its DynamoDB expression.)
 *
 * Any method may throw {@link MetadataUnavailableError}: nothing was written, try again later.
 */
export interface MetadataStore
  extends AccountCommands,
    ArchiveCommands,
    AlbumCommands,
    AuditCommands,
    GuestCommands,
    CapabilityCommands,
    DelegationCommands,
    DerivativeCommands,
    IdempotencyCommands,
    InviteCommands,
    LinkCommands,
    OrganisationCommands,
    PeopleCommands,
    SharingCommands {
  /**
   * The principal's row: made at the first call, e-mail, name and organisation brought up to date (one that the
   * identity no longer has is removed, unless it is partial); `organisationId` goes with `organisation`. Where something newer
   * was said of them ({@link KnownIdentity.saidAtMs}), they are as that says, and nothing changes. Writes only where
   * something changes, or what is said is newer. No audit.
   */
  ensurePrincipal(identity: KnownIdentity & { readonly newId: string }): Promise<PrincipalRecord>;
  findPrincipal(id: string): Promise<PrincipalRecord | undefined>;

  /**
   * Reserves each item's declared size and writes its rows; outcomes in the order of the items. An item that is
   * refused leaves the others alone. The whole batch is committed at once.
   * Counters: reservedBytes += size, openUploads += 1 for each created one, of the owner and of their organisation. Timeline `created`.
   * Audit `upload.created`, by the owner. The same `ref` twice in one batch: the second finds the first.
   * One that is sent to an album takes a shot of its owner's there (shotsUsed += 1), which an abort or a rejection gives back.
   * An item that several refusals fit gets the first of: `ref-reused`, `album-missing`, `no-shots-left`, `quota-exceeded` (in the order of
   * {@link ExceededQuota}), `too-many-open-uploads`.
   * (An owner without a row, or an id that is taken, is a mistake of the caller's: rejected, nothing written.)
   */
  createUploads(command: CreateUploads): Promise<readonly CreateUploadOutcome[]>;

  /**
   * Records that fresh requests are about to be minted for a pending upload: its lives are extended
   * (expiresAt = now + uploadLifetimeMs, urlsUntil = max(urlsUntil, now + urlLifetimeMs)). With `landingKey`
   * the old key is doomed (from its old urlsUntil on) and the new one takes its place; not a multipart's. Timeline `reminted`,
   * audit `upload.reminted`.
   */
  remintUpload(command: {
    readonly uploadId: string;
    readonly actor: Actor;
    readonly uploadLifetimeMs: number;
    readonly urlLifetimeMs: number;
    readonly landingKey?: string;
  }): Promise<
    | { readonly outcome: "minted"; readonly upload: UploadRecord }
    | { readonly outcome: "not-pending"; readonly upload: UploadRecord }
    | { readonly outcome: "missing" }
  >;

  /**
   * Makes a multipart of a pending single PUT: `landingKey` takes the place of the old one, which is doomed from a
   * minute after its last URL ends. expiresAt = now + uploadLifetimeMs. Timeline `in-parts`, audit `upload.in-parts`.
   */
  turnMultipart(command: {
    readonly uploadId: string;
    readonly actor: Actor;
    readonly uploadLifetimeMs: number;
    readonly landingKey: string;
    readonly partSizeBytes: number;
  }): Promise<
    | { readonly outcome: "turned"; readonly upload: UploadRecord }
    /** It is a multipart already: nothing was written. */
    | { readonly outcome: "already"; readonly upload: UploadRecord }
    | { readonly outcome: "not-pending"; readonly upload: UploadRecord }
    | { readonly outcome: "missing" }
  >;

  /**
   * Records the store's id of a pending multipart, where none is recorded: of several that race, one wins. Timeline
   * `begun`, audit `upload.begun`.
   */
  beginMultipart(command: {
    readonly uploadId: string;
    readonly actor: Actor;
    readonly storeUploadId: string;
  }): Promise<
    | { readonly outcome: "begun"; readonly upload: UploadRecord }
    /** Another id is recorded (or this one, by a command that was repeated). */
    | { readonly outcome: "already"; readonly upload: UploadRecord }
    /** It is sent in a single PUT. */
    | { readonly outcome: "not-multipart"; readonly upload: UploadRecord }
    | { readonly outcome: "not-pending"; readonly upload: UploadRecord }
    | { readonly outcome: "missing" }
  >;

  /**
   * Forgets the store's id of a pending multipart, where it is still this one: the store no longer knows it. True where
   * it did. Audit `upload.restarted`, no timeline.
   */
  forgetMultipart(command: { readonly uploadId: string; readonly storeUploadId: string }): Promise<boolean>;

  /**
   * Records what parts of a begun multipart are about to be sent, before their URLs are minted: of each part the last
   * declaration counts. Both lives are extended as by {@link remintUpload}. Audit `upload.parts-minted`, no timeline.
   * @param command.parts 1 to 100, distinct numbers
   */
  mintParts(command: {
    readonly uploadId: string;
    readonly actor: Actor;
    readonly uploadLifetimeMs: number;
    readonly urlLifetimeMs: number;
    readonly parts: readonly DeclaredPart[];
  }): Promise<
    | { readonly outcome: "minted"; readonly upload: UploadRecord }
    /** A single PUT, or a multipart without a store's id. */
    | { readonly outcome: "not-begun"; readonly upload: UploadRecord }
    | { readonly outcome: "not-pending"; readonly upload: UploadRecord }
    | { readonly outcome: "missing" }
  >;

  /** What was last declared of each part while the upload is pending or being verified, by number. */
  listDeclaredParts(uploadId: string): Promise<readonly DeclaredPart[]>;

  /**
   * pending → uploaded, when the bytes were seen in the store (under `landingKey`, where that is said). A `sha256` is
   * recorded where none was declared. Timeline `uploaded`, audit `upload.completed`.
   */
  completeUpload(command: {
    readonly uploadId: string;
    readonly actor: Actor;
    readonly landingKey?: string;
    readonly sha256?: string;
    /** For the timeline. */
    readonly detail?: string;
  }): Promise<
    | { readonly outcome: "completed"; readonly upload: UploadRecord }
    /** Its bytes land elsewhere now: nothing was written. */
    | { readonly outcome: "moved"; readonly upload: UploadRecord }
    /** Another `sha256` was declared: nothing was written. */
    | { readonly outcome: "sha256-conflict"; readonly upload: UploadRecord }
    /** It is past pending (whatever its state): nothing was written. */
    | { readonly outcome: "not-pending"; readonly upload: UploadRecord }
    | { readonly outcome: "missing" }
  >;

  /**
   * pending → aborted; openUploads -= 1; gives a shot back. What was declared of its parts is deleted. The reservation stays held until {@link releaseReservation}. The landing
   * key is doomed from `urlsUntil` + one minute on. With `ifExpired`, only where expiresAt has passed. Timeline
   * `aborted` with `detail`, audit `upload.aborted`.
   */
  abortUpload(command: {
    readonly uploadId: string;
    readonly actor: Actor;
    readonly detail: string;
    readonly ifExpired?: boolean;
  }): Promise<
    | { readonly outcome: "aborted"; readonly upload: UploadRecord }
    | { readonly outcome: "not-pending"; readonly upload: UploadRecord }
    /** Only with `ifExpired`. */
    | { readonly outcome: "not-expired"; readonly upload: UploadRecord }
    | { readonly outcome: "missing" }
  >;

  /** Frees what an aborted upload still reserves, once; true where it did. reservedBytes -= size. */
  releaseReservation(command: { readonly uploadId: string }): Promise<boolean>;

  /**
   * Takes an upload that may be claimed (`uploaded`, or `verifying` with a lease that is past): the one with the lowest
   * {@link queueTurn}, given when it was completed, so that owners take turns; of several the one that could have been claimed for
   * longest. Where there is none, one that would have to wait for longer than any does, the lease or
   * `longestClaimWaitMs`: the clock has been set back since. attempt += 1, failedAttempts += 1 (taken back by a release that says so), state
   * verifying. Where a claim was still held, that one is lost: lostClaims += 1, and it is not one that failed (failedAttempts -= 1).
   * leaseUntil = now + {@link leaseOfMs}.
   * Timeline `verifying`, audit `upload.claimed`.
   */
  claimUpload(command: { readonly leaseMs: number }): Promise<UploadRecord | undefined>;

  /**
   * Extends a claim that is still held (same attempt, still verifying, not given back), its lease past or not, as long as
   * claiming does. False: it was lost. No audit.
   */
  renewClaim(command: {
    readonly uploadId: string;
    readonly attempt: number;
    readonly leaseMs: number;
  }): Promise<boolean>;

  /**
   * Gives a claim back: nobody may claim it for `retryInMs`. `consumed: false` (an outage) takes the failed
   * attempt back, and gives it a turn anew: an outage, in which all that one owner has is tried in vain, must not have put it all
   * before what others send later. Timeline `postponed` with `detail`, audit `upload.postponed`. False: the claim was lost.
   */
  releaseClaim(command: {
    readonly uploadId: string;
    readonly attempt: number;
    readonly retryInMs: number;
    readonly consumed: boolean;
    readonly detail: string;
  }): Promise<boolean>;

  /**
   * verifying → ready | rejected, only for the attempt that holds the claim. openUploads -= 1, reservedBytes -=
   * declared size. Rejected: gives a shot back. Ready: usedBytes += the version's size, the file's row (usedFiles += 1; created now, so that it comes first in
   * lists; revision 1) and its version 1 are written, and the upload has the version's sha256. Where the upload replaces a
   * version of its owner's, {@link placeVersion} decides: the file gets a version numbered latestVersion + 1, current or a
   * conflict, revision += 1, its name and metadata as they are, and the upload has the file's id. Where it was sent to an album that is
   * still there, and who sent it may add to that now, the file is in it: `sealed` by it where it is sealed, else ready. Where they may not
   * any more it is a file of theirs in no album; but where the album is sealed, or a guest sent it, nothing is written, and it is for the
   * caller to reject it: `not-in-album`. Both: every key in `dooms`
   * is doomed, what was declared of parts is deleted. Timeline `ready` | `rejected`, audit `upload.ready` |
   * `upload.rejected` and, of the file that was replaced, `file.replaced` | `file.conflicted`.
   */
  finishUpload(command: {
    readonly uploadId: string;
    readonly attempt: number;
    readonly result: FinishResult;
    readonly dooms: readonly DoomedObject[];
  }): Promise<"finished" | "stale" | "not-in-album">;

  findUpload(id: string): Promise<UploadRecord | undefined>;
  /** Those that exist among at most 200 ids, in any order. */
  findUploads(ids: readonly string[]): Promise<readonly UploadRecord[]>;
  /** The uploads, in any state and order, whose landing key is among these (at most 200). */
  findUploadsByLandingKeys(keys: readonly string[]): Promise<readonly UploadRecord[]>;
  /** Oldest first; the newest 200 where there are more. */
  listUploadEvents(uploadId: string): Promise<readonly UploadEventRecord[]>;
  /** Newest first, by (createdAt, id). */
  listUploads(list: ListUploads): Promise<readonly UploadRecord[]>;

  findFile(id: string): Promise<FileRecord | undefined>;
  findFiles(ids: readonly string[]): Promise<readonly FileRecord[]>;
  /** The owner's files that {@link isListed}, in the order of {@link comparePositions}. */
  listFiles(list: ListFiles): Promise<readonly FileRecord[]>;
  /**
   * As {@link listFiles}, of one moment at which no album that is revealed has something sealed left that belongs to the list: of the owner's, or shown to its
   * audience. Where there is such an album, that.
   */
  listRevealedFiles(list: ListFiles): Promise<ListRevealed>;

  /** Of a file, whatever its state, from the highest number down; at most 201. Nothing of one that does not exist. */
  listFileVersions(list: {
    readonly fileId: string;
    /** The number of the last one of the page before. */
    readonly after?: number;
    readonly limit: number;
  }): Promise<readonly FileVersionRecord[]>;
  /** Those that exist among at most 200, in any order. */
  findFileVersions(versions: readonly VersionOfFile[]): Promise<readonly FileVersionRecord[]>;

  /**
   * Of a ready file, where `revision` is still current, what the command names. revision += 1. Albums that it is to come into must be there,
   * not sealed, and the actor more than a viewer in them. Audit `file.changed`.
   */
  changeFile(command: ChangeFile): Promise<FileOutcome | AlbumsRefused>;
  /** ready → trashed, where `revision` is still current. revision += 1. Audit `file.trashed`. */
  trashFile(command: FileCommand): Promise<FileOutcome>;
  /**
   * trashed → ready, and out of the albums to which its owner may not add now. revision += 1. Audit `file.restored`: `albumIds`, those that it is left in, in its
   * detail where it was taken out of one.
   */
  restoreFile(command: FileCommand): Promise<FileOutcome>;
  /**
   * Makes another version of a ready file current; a conflict is none any more then. revision += 1. Audit
   * `version.restored`.
   */
  restoreVersion(command: VersionCommand): Promise<VersionOutcome>;
  /**
   * Deletes a version of a ready file that is not current, as {@link purgeFile} deletes all. revision += 1. Answers the
   * file as it is now. Audit `version.purged`.
   */
  purgeVersion(command: VersionCommand): Promise<VersionOutcome>;
  /**
   * ready | quarantined | trashed | sealed → purged: the row, its versions and names are deleted, every key of its
   * versions and derivatives is doomed from now on (that of one being made from {@link lateWriterMs} on), usedBytes -= their sizes, usedFiles -= 1, and links to it are gone. The uploads' rows keep their ids,
   * states and sizes, but their names and metadata are emptied. Answers the file as it was. Audit `file.purged`.
   */
  purgeFile(command: FileCommand): Promise<FileOutcome>;

  /**
   * ready | trashed → quarantined (one that is sealed stays so, and has its quarantine noted), where the file still has that version with those bytes: what was found in them stays
   * true whatever else has changed. trashedAt = now where it was not trashed. revision += 1. Audit `file.quarantined`, by the system.
   */
  quarantineFile(command: QuarantineFile): Promise<
    | { readonly outcome: "done"; readonly file: FileRecord }
    /** It is quarantined already: nothing was written. */
    | { readonly outcome: "already"; readonly file: FileRecord }
    /** The file is gone, or that version of it. */
    | { readonly outcome: "missing" }
  >;
  /** quarantined → what it was before, where `revision` is still current. revision += 1. Audit `file.released`. */
  releaseFile(command: FileCommand): Promise<FileOutcome>;
  /** Quarantined files by id, everybody's, for scanning them again. */
  listQuarantinedFiles(list: {
    /** The id of the last one of the page before. */
    readonly after?: string;
    /** 1 to 1000. */
    readonly limit: number;
  }): Promise<readonly FileRecord[]>;

  /** For the sweeper, each at most `limit`, oldest first. */
  listExpiredUploads(limit: number): Promise<readonly UploadRecord[]>;
  /** Pending ones whose URLs have all ended since they were last probed: their bytes may have arrived unsaid. */
  listUnprobedUploads(limit: number): Promise<readonly UploadRecord[]>;
  /** Records that the landing key was looked at after its URLs ended. No audit. */
  markProbed(uploadId: string): Promise<void>;
  /** Aborted ones whose reservation is held and whose URLs have all ended. */
  listHeldReservations(limit: number): Promise<readonly UploadRecord[]>;
  /** Aborted ones whose reservation is held and of whose URLs one may still live: the store may not know of the abort. */
  listUnclosedUploads(limit: number): Promise<readonly UploadRecord[]>;
  /** Trashed before the given time. */
  listTrash(before: {
    readonly trashedBeforeMs: number;
    readonly limit: number;
  }): Promise<readonly FileRecord[]>;
  /** Those whose time has come. */
  listDoomedObjects(limit: number): Promise<readonly DoomedObject[]>;
  /** After the store deleted them. No audit. */
  forgetDoomedObjects(keys: readonly string[]): Promise<void>;
  /**
   * Which of these keys (at most 1000) a row still speaks of: the landing key of an open upload, a key below the
   * storage prefix of one, a key of a file's version or of its derivatives, the key of one being made, of a part of an archive, or a doomed one. (What a late worker wrote
   * beside a version is an orphan.)
   */
  findKnownKeys(keys: readonly string[]): Promise<ReadonlySet<string>>;

  /**
   * For reconciling: every version of every file, whatever the file's state, once each; those that are made or purged
   * meanwhile may or may not be among them. In the order of their uploads' storage prefixes, which is that of their
   * keys in the store. (An adapter without that order may give another: reconciling then asks more of the store.)
   */
  listVersions(list: {
    /** The storage prefix of the last one of the page before. */
    readonly after?: string;
    /** 1 to 1000. */
    readonly limit: number;
  }): Promise<readonly VersionRecord[]>;
  /** For reconciling: people by id, with their counters as they stand and as their rows add up, both of one moment. */
  listCounters(list: {
    readonly after?: string;
    /** 1 to 1000. */
    readonly limit: number;
  }): Promise<readonly CountersRecord[]>;
  /**
   * Sets a person's counters to what their rows add up to, and answers that; writes only where they differ.
   * Audit `principal.recounted`.
   */
  recountPrincipal(id: string): Promise<
    | { readonly outcome: "recounted"; readonly before: Counters; readonly after: Counters }
    /** They agree already. */
    | { readonly outcome: "unchanged" }
    | { readonly outcome: "missing" }
  >;
  /**
   * For reconciling: files by id, whatever their state, and whether each is listed where its row and its current version
   * say, and shown as they say. An adapter that keeps no such thing apart answers that all is right.
   */
  listIndexedFiles(list: {
    readonly after?: string;
    /** 1 to 1000. */
    readonly limit: number;
  }): Promise<readonly IndexedFileRecord[]>;
  /** Makes anew what lists go by and show of a file; writes only where it is wrong. Audit `file.reindexed`. */
  reindexFile(fileId: string): Promise<{ readonly outcome: "reindexed" | "unchanged" | "missing" }>;
  /** Which of these ids of the store's (at most 1000) a pending multipart has, or an archive that is being made. */
  findKnownMultiparts(storeUploadIds: readonly string[]): Promise<ReadonlySet<string>>;

  /**
   * How many uploads have not ended, for monitoring. Each number is exact up to `limit` (1 to 100,000), and `limit` where
   * there are more: what it costs is bounded however many there are.
   */
  countOpenUploads(limit: number): Promise<OpenUploads>;

  /** Throws {@link MetadataUnavailableError} where the database can't be written. */
  checkHealth(): Promise<void>;
}

/** The database can't be reached, is locked or is full: nothing was written, try again later. */
export class MetadataUnavailableError extends Error {
  readonly code = "metadata-unavailable";
  override readonly name = "MetadataUnavailableError";
}
