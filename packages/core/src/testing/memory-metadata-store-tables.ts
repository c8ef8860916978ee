import type { AlbumInviteRecord, AlbumMemberRecord, AlbumRecord } from "../album.ts";
import type { ArchiveRecord } from "../archives/archive.ts";
import type { Actor, AuditAction, AuditChainHead, AuditEventRecord, NewAuditEvent } from "../audit-event.ts";
import type { DelegationRecord } from "../delegation.ts";
import type { DerivativeRecord, FileAudience, FileRecord, FileVersionRecord, VersionFacts } from "../file.ts";
import { compareCodePoints } from "../file-lists/fold-text.ts";
import type { LinkRecord } from "../link.ts";
import { audiencesOf } from "../policy/audiences.ts";
import { isSealed } from "../policy/decide-album-access.ts";
import type { DeletedAccount } from "../ports/account-commands.ts";
import { guestIssuer, type NewCapability } from "../ports/capability-commands.ts";
import type { Clock } from "../ports/clock.ts";
import type { OrderedDerivative } from "../ports/derivative-commands.ts";
import type { FileInviteRecord } from "../ports/invite-commands.ts";
import type { DoomedObject } from "../ports/metadata-store.ts";
import type { Counters } from "../ports/organisation-commands.ts";
import type { GlassBreakRecord, GrantRecord } from "../ports/sharing-commands.ts";
import type { OrganisationRecord, PrincipalRecord } from "../principal.ts";
import { queueTurn } from "../queue-turn.ts";
import type { UploadEventRecord, UploadEventType, UploadRecord } from "../upload.ts";
import type { IdempotencyRow } from "./memory-metadata-store-idempotency.ts";

/** An upload and what its record does not show. */
export interface UploadRow {
  readonly record: UploadRecord;
  /** Whether its declared size still counts in `reservedBytes`. */
  readonly isReserved: boolean;
  /** Whether the newest attempt holds its claim: neither finished nor given back. */
  readonly isClaimed: boolean;
  /** Since when, or from when on, it may be claimed. */
  readonly claimableAtMs: number;
  /** Its place among what waits: {@link queueTurn}. */
  readonly turn: number;
  /** When the landing key was last looked at. */
  readonly probedAtMs: number;
}

export interface FileRow {
  /** Without what is told by its versions: {@link fileOf}. */
  readonly record: Omit<FileRecord, "current" | "conflicts">;
  readonly versions: ReadonlyMap<number, VersionRow>;
}

export interface VersionRow extends Pick<FileVersionRecord, "version" | "name" | "createdAtMs" | "uploadId"> {
  readonly facts: VersionFacts;
  readonly isConflict: boolean;
}

/** Whether it waits to be verified, or is. */
export const isQueued = ({ record: { state } }: UploadRow): boolean =>
  state === "uploaded" || state === "verifying";

/** A file as its row, its versions and its owner's say. */
export function fileOf(tables: Pick<MemoryTables, "principals">, row: FileRow): FileRecord {
  const { audience, ...file } = rawFileOf(row);
  return audience && isOfNow(tables, file.ownerId, audience) ? { ...file, audience } : file;
}

/** Whether it is everyone, or the organisation that an owner is of. */
export const isOfNow = (
  { principals }: Pick<MemoryTables, "principals">,
  ownerId: string,
  audience: FileAudience,
): boolean =>
  audience.kind === "public" || audience.organisationId === principals.get(ownerId)?.organisationId;

/** With the audience that its owner chose, wherever they are by now. */
export function rawFileOf({ record, versions }: FileRow): FileRecord {
  const current = versions.get(record.version)?.facts;
  if (!current) throw new Error(`file ${record.id} has no version ${record.version}`);
  const conflicts = [...versions.values()].filter(({ isConflict }) => isConflict).length;
  const { albumIds = [], ...rest } = record;
  const inAlbums = record.state === "ready" && albumIds.length > 0 ? { albumIds } : {};
  return { ...rest, ...inAlbums, current, conflicts };
}

export const fileVersionOf = (
  { record }: FileRow,
  { facts, isConflict, ...version }: VersionRow,
): FileVersionRecord => ({
  ...facts,
  ...version,
  fileId: record.id,
  state: isConflict ? "conflict" : version.version === record.version ? "current" : "superseded",
});

/** What the store in memory holds, and the clock that dates it. Rows are replaced, never changed. */
export interface MemoryTables {
  readonly clock: Clock;
  readonly principals: Map<string, PrincipalRecord>;
  /** By their ids; forgotten ones too. */
  readonly deletedAccounts: Map<string, DeletedAccount>;
  /** By person: as their issuer calls them, and as they want to be called. */
  readonly issuersNames: Map<string, string | undefined>;
  readonly chosenNames: Map<string, string>;
  /** When they last changed organisation, or left the one that they were of. */
  readonly leftOrganisationAtMs: Map<string, number>;
  /** By person: when the newest of what is believed of them was said. */
  readonly saidAtMs: Map<string, number>;
  /** By id; their counters are their people's. */
  readonly organisations: Map<string, Pick<OrganisationRecord, "id" | "issuer" | "name">>;
  /** Principals' ids by issuer and subject. */
  readonly idsByIdentity: Map<string, string>;
  readonly uploads: Map<string, UploadRow>;
  /** Upload ids by owner and ref. */
  readonly refs: Map<string, string>;
  readonly events: Map<string, UploadEventRecord[]>;
  /** Digests of parts by number, by upload id. */
  readonly declaredParts: Map<string, ReadonlyMap<number, string>>;
  readonly files: Map<string, FileRow>;
  readonly auditEvents: AuditEventRecord[];
  /** By the sequence of an event, whose that was which is gone with it. */
  readonly ownersOfGone: Map<number, string>;
  /** Albums that were deleted before their reveal. */
  readonly unrevealedAlbums: Set<string>;
  readonly auditHeads: Map<string, AuditChainHead>;
  /** Who links audit events, and up to which sequence that was done. */
  readonly sequencer: { id: string; leaseUntilMs: number; linkedSequence: number };
  readonly doomed: Map<string, number>;
  readonly makes: Map<string, MakeRow>;
  readonly archives: Map<string, ArchiveRow>;
  /** By file's id and person's. */
  readonly grants: Map<string, ReadonlyMap<string, GrantRecord>>;
  /** By their ids. */
  readonly invites: Map<string, FileInviteRecord>;
  /** By file and person: when the owner last said something of a right that is no more, while invites waited. */
  readonly endedGrants: Map<string, Map<string, number>>;
  readonly glassBreaks: Map<string, readonly GlassBreakRecord[]>;
  readonly capabilities: Map<string, NewCapability>;
  readonly delegations: Map<string, DelegationRow>;
  /** Guests of whom something may be left that is nobody's. */
  readonly endedGuests: Set<string>;
  /** Who took over what a guest had, by the id of the guest's right. */
  readonly mergedGuests: Map<string, { readonly userId: string; readonly albumId: string }>;
  /** Who invited a guest, by the guest's id. */
  readonly hosts: Map<string, string>;
  readonly links: Map<string, LinkRow>;
  /** By principal and key. */
  readonly idempotencyKeys: Map<string, IdempotencyRow>;
  /** Who put it there, by album's id, by file's id. */
  readonly albumFiles: Map<string, ReadonlyMap<string, string>>;
  /** Without what is counted: {@link albumOf}. */
  readonly albums: Map<string, Omit<AlbumRecord, "fileCount" | "isUnsealed">>;
  /** By user's id, by album's id. */
  readonly albumMembers: Map<string, Map<string, AlbumMemberRecord>>;
  /** Shots that were taken by who is in an album no more, by album's id and user's. */
  readonly leavers: Map<string, number>;
  /** Of those, who did not leave by themselves. */
  readonly putOut: Set<string>;
  /** By the hash of its token. */
  readonly albumInvites: Map<string, AlbumInviteRecord>;
  /** The highest turn of each queue that was claimed. */
  readonly claimedTurns: { uploads: number; derivatives: number; archives: number };
}

export interface DelegationRow {
  readonly record: DelegationRecord;
  /** Of the person when they minted it. */
  readonly organisationId?: string;
}

export interface LinkRow {
  readonly record: LinkRecord;
  readonly tokenDigest: string;
  readonly passphraseHash?: string;
  /** Wrong passphrases since that time. */
  readonly tries: number;
  readonly triesSinceMs: number;
}

/** Who finds a file in a list of theirs. */
export const audiencesIn = ({ grants, albumFiles }: MemoryTables, file: FileRecord): string[] =>
  audiencesOf(file, [...(grants.get(file.id)?.keys() ?? [])].sort(compareCodePoints), [
    ...(albumFiles.get(file.id)?.keys() ?? []),
  ]);

/** An archive, and what its record does not show. `making`: it is claimed. */
export interface ArchiveRow {
  readonly record: ArchiveRecord;
  readonly keyPrefix: string;
  readonly attempt: number;
  readonly failedAttempts: number;
  readonly leaseUntilMs: number;
  readonly turn: number;
  /** Parts that the newest attempt has begun, until it has ended. */
  readonly begun: number;
  /** Of the last of them. */
  readonly storeUploadId?: string;
}

/** Whether a file counts in an album: what is ready, and what it sealed. */
const isCounted = ({ albumFiles }: MemoryTables, { record }: FileRow, albumId: string): boolean =>
  record.state === "sealed"
    ? record.sealedBy === albumId
    : record.state === "ready" && albumFiles.get(record.id)?.has(albumId) === true;

/** An album with what is counted. */
export function albumOf(tables: MemoryTables, id: string): AlbumRecord | undefined {
  const album = tables.albums.get(id);
  if (!album) return undefined;
  const rows = [...tables.files.values()];
  return {
    ...album,
    isUnsealed: !isSealed(album) && rows.every(({ record }) => record.sealedBy !== id),
    fileCount: rows.filter((row) => isCounted(tables, row, id)).length,
  };
}

/** Takes up in which albums a file is, and who put it there. */
export function setAlbumFiles(
  tables: MemoryTables,
  fileId: string,
  albums: ReadonlyMap<string, string>,
): void {
  tables.albumFiles.set(fileId, albums);
  const row = tables.files.get(fileId);
  if (row)
    tables.files.set(fileId, {
      ...row,
      record: { ...row.record, albumIds: [...albums.keys()].sort() },
    });
}

/** Takes a shot of a member's, or gives one back: who has left has it when they come again. */
export function addToShots(tables: MemoryTables, albumId: string, userId: string, change: 1 | -1): void {
  const members = tables.albumMembers.get(albumId);
  const member = members?.get(userId);
  if (members && member) members.set(userId, { ...member, shotsUsed: member.shotsUsed + change });
  else
    tables.leavers.set(
      pairKey(albumId, userId),
      (tables.leavers.get(pairKey(albumId, userId)) ?? 0) + change,
    );
}

/** A derivative that is asked for, or a page's that was made, or what failed. */
export interface MakeRow extends OrderedDerivative {
  readonly ownerId: string;
  readonly state: "waiting" | "made" | "failed";
  readonly attempt: number;
  readonly failedAttempts: number;
  readonly leaseUntilMs: number;
  readonly turn: number;
  readonly isHeld: boolean;
  /** Of the newest attempt, until it has ended. */
  readonly key?: string;
  /** A page's, last made. */
  readonly made?: DerivativeRecord;
  readonly detail: string;
}

export const createMemoryTables = (clock: Clock): MemoryTables => ({
  clock,
  issuersNames: new Map(),
  chosenNames: new Map(),
  leftOrganisationAtMs: new Map(),
  saidAtMs: new Map(),
  principals: new Map(),
  deletedAccounts: new Map(),
  organisations: new Map(),
  idsByIdentity: new Map(),
  uploads: new Map(),
  refs: new Map(),
  events: new Map(),
  declaredParts: new Map(),
  files: new Map(),
  auditEvents: [],
  ownersOfGone: new Map(),
  unrevealedAlbums: new Set(),
  auditHeads: new Map(),
  sequencer: { id: "", leaseUntilMs: 0, linkedSequence: 0 },
  doomed: new Map(),
  makes: new Map(),
  archives: new Map(),
  grants: new Map(),
  glassBreaks: new Map(),
  invites: new Map(),
  endedGrants: new Map(),
  albumFiles: new Map(),
  albums: new Map(),
  albumInvites: new Map(),
  leavers: new Map(),
  putOut: new Set(),
  albumMembers: new Map(),
  capabilities: new Map(),
  delegations: new Map(),
  hosts: new Map(),
  endedGuests: new Set(),
  mergedGuests: new Map(),
  links: new Map(),
  idempotencyKeys: new Map(),
  claimedTurns: { uploads: 0, derivatives: 0, archives: 0 },
});

/** Both parts are free text, so neither can be the separator. */
/** The turn that an owner's upload gets now. */
export function nextUploadTurn(tables: MemoryTables, ownerId: string): number {
  const own = [...tables.uploads.values()].filter(
    (each) => each.record.ownerId === ownerId && isQueued(each),
  );
  return queueTurn(tables.claimedTurns.uploads, Math.max(0, ...own.map((each) => each.turn)));
}

/** The turn that a derivative of an owner's gets now. */
export function nextDerivativeTurn(tables: MemoryTables, ownerId: string): number {
  const waiting = [...tables.makes.values()].filter(
    (each) => each.ownerId === ownerId && each.state === "waiting",
  );
  return queueTurn(tables.claimedTurns.derivatives, Math.max(0, ...waiting.map((each) => each.turn)));
}

export const pairKey = (first: string, second: string): string => JSON.stringify([first, second]);

export function appendAudit(
  tables: MemoryTables,
  actor: NewAuditEvent["actor"],
  action: AuditAction,
  targetId: string,
  detail?: string,
  gone?: { readonly ownerId: string; readonly sealedBy?: string },
): void {
  const sequence = tables.auditEvents.length + 1;
  const sealedBy = gone?.sealedBy ?? sealerOf(tables, targetId);
  if (gone) tables.ownersOfGone.set(sequence, gone.ownerId);
  tables.auditEvents.push({
    sequence,
    atMs: tables.clock.nowMs(),
    actor: typeof actor === "string" ? actor : actor.principalId,
    action,
    targetId,
    ...(detail === undefined ? {} : { detail }),
    ...(sealedBy === undefined ? {} : { sealedBy }),
  });
}

/** The album that seals a file, or what an upload is to become. */
function sealerOf(tables: MemoryTables, targetId: string): string | undefined {
  const file = tables.files.get(targetId)?.record;
  if (file?.state === "sealed") return file.sealedBy;
  const album = tables.albums.get(tables.uploads.get(targetId)?.record.albumId ?? "");
  return album && isSealed(album) ? album.id : undefined;
}

/** A line of the upload's timeline and the audit event that goes with it. */
export function appendEvent(
  tables: MemoryTables,
  uploadId: string,
  actor: Actor,
  type: UploadEventType,
  action: AuditAction,
  detail = "",
  auditDetail?: string,
): void {
  const events = tables.events.get(uploadId) ?? [];
  events.push({ atMs: tables.clock.nowMs(), type, detail });
  tables.events.set(uploadId, events);
  appendAudit(tables, actor, action, uploadId, auditDetail);
}

export function doom(tables: MemoryTables, { key, notBeforeMs }: DoomedObject): void {
  tables.doomed.set(key, Math.max(notBeforeMs, tables.doomed.get(key) ?? notBeforeMs));
}

/** @throws Error where the principal has no row: every row that is counted has an owner */
export function addToCounters(tables: MemoryTables, ownerId: string, change: Partial<Counters>): void {
  const owner = tables.principals.get(ownerId);
  if (!owner) throw new Error(`there is no principal ${ownerId}`);
  tables.principals.set(ownerId, {
    ...owner,
    usedBytes: owner.usedBytes + (change.usedBytes ?? 0),
    reservedBytes: owner.reservedBytes + (change.reservedBytes ?? 0),
    usedFiles: owner.usedFiles + (change.usedFiles ?? 0),
    openUploads: owner.openUploads + (change.openUploads ?? 0),
  });
}

/** What the people of an organisation have together. */
export const bytesOf = ({ usedBytes, reservedBytes }: Counters): number => usedBytes + reservedBytes;

export const filesOf = ({ usedFiles, openUploads }: Counters): number => usedFiles + openUploads;

export const sumOfOrganisation = (tables: MemoryTables, organisationId: string): Counters =>
  [...tables.principals.values()]
    .filter((person) => person.organisationId === organisationId)
    .reduce<Counters>(
      (sum, person) => ({
        usedBytes: sum.usedBytes + person.usedBytes,
        reservedBytes: sum.reservedBytes + person.reservedBytes,
        usedFiles: sum.usedFiles + person.usedFiles,
        openUploads: sum.openUploads + person.openUploads,
      }),
      { usedBytes: 0, reservedBytes: 0, usedFiles: 0, openUploads: 0 },
    );

/** To be called by every command after which a guest may have nothing left, or something that is nobody's. */
export function noteEndedGuest({ principals, endedGuests }: MemoryTables, principalId: string): void {
  if (principals.get(principalId)?.issuer === guestIssuer) endedGuests.add(principalId);
}
