import { auditedOfCreate } from "../audit-event.ts";
import { guestStepOf, roundedUp, smallestGuestStep, stepOf } from "../others-share.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";
import type { CreateUploadOutcome, CreateUploads, NewUpload } from "../ports/upload-commands.ts";
import type { UploadRecord } from "../upload.ts";
import { countSent, findDelegationRefusal } from "./memory-metadata-store-delegations.ts";
import {
  addToCounters,
  addToShots,
  appendEvent,
  bytesOf,
  doom,
  filesOf,
  type MemoryTables,
  nextUploadTurn,
  pairKey,
  sumOfOrganisation,
  type UploadRow,
} from "./memory-metadata-store-tables.ts";

/** A PUT that began while its URL lived may end a little after it. */
export const landingGraceMs = 60_000;

type Lives = { readonly uploadLifetimeMs: number; readonly urlLifetimeMs: number };

/** Commands over uploads that no worker has seen yet. */
export function memoryUploadCommands(
  tables: MemoryTables,
): Pick<
  MetadataStore,
  "createUploads" | "remintUpload" | "completeUpload" | "abortUpload" | "releaseReservation" | "markProbed"
> {
  const { clock, uploads } = tables;

  return {
    async createUploads(command) {
      const ids = command.items.flatMap(({ id }) => id);
      if (!tables.principals.has(command.ownerId))
        throw new Error(`there is no principal ${command.ownerId}`);
      if (new Set(ids).size < ids.length || ids.some((id) => uploads.has(id)))
        throw new Error("an upload's id is taken");
      return command.items.map((item) => createUpload(tables, command, item));
    },

    async remintUpload({ uploadId, actor, landingKey, ...lives }) {
      const row = uploads.get(uploadId);
      if (!row) return { outcome: "missing" };
      if (row.record.state !== "pending") return { outcome: "not-pending", upload: row.record };
      const moves = landingKey !== undefined && !row.record.multipart;
      if (moves) doom(tables, { key: row.record.landingKey, notBeforeMs: row.record.urlsUntilMs });
      const upload = {
        ...extended(row.record, clock.nowMs(), lives),
        ...(moves ? { landingKey } : {}),
      };
      uploads.set(uploadId, { ...row, record: upload });
      appendEvent(tables, uploadId, actor, "reminted", "upload.reminted");
      return { outcome: "minted", upload };
    },

    async completeUpload({ uploadId, actor, landingKey, sha256, detail }) {
      const row = uploads.get(uploadId);
      if (!row) return { outcome: "missing" };
      const { record } = row;
      if (record.state !== "pending") return { outcome: "not-pending", upload: record };
      if (landingKey !== undefined && landingKey !== record.landingKey)
        return { outcome: "moved", upload: record };
      if (contradicts(sha256, record.sha256)) return { outcome: "sha256-conflict", upload: record };
      const upload: UploadRecord = {
        ...record,
        ...(sha256 === undefined ? {} : { sha256 }),
        state: "uploaded",
      };
      const turn = nextUploadTurn(tables, record.ownerId);
      uploads.set(uploadId, { ...row, record: upload, claimableAtMs: clock.nowMs(), turn });
      appendEvent(tables, uploadId, actor, "uploaded", "upload.completed", detail);
      return { outcome: "completed", upload };
    },

    async abortUpload({ uploadId, actor, detail, ifExpired = false }) {
      const row = uploads.get(uploadId);
      if (!row) return { outcome: "missing" };
      const { record } = row;
      if (record.state !== "pending") return { outcome: "not-pending", upload: record };
      if (ifExpired && record.expiresAtMs > clock.nowMs()) return { outcome: "not-expired", upload: record };
      const upload: UploadRecord = { ...record, state: "aborted", endedAtMs: clock.nowMs() };
      uploads.set(uploadId, { ...row, record: upload });
      tables.declaredParts.delete(uploadId);
      addToCounters(tables, record.ownerId, { openUploads: -1 });
      if (record.albumId !== undefined) addToShots(tables, record.albumId, record.ownerId, -1);
      doom(tables, { key: record.landingKey, notBeforeMs: record.urlsUntilMs + landingGraceMs });
      appendEvent(tables, uploadId, actor, "aborted", "upload.aborted", detail);
      return { outcome: "aborted", upload };
    },

    async releaseReservation({ uploadId }) {
      const row = uploads.get(uploadId);
      if (row?.record.state !== "aborted" || !row.isReserved) return false;
      uploads.set(uploadId, { ...row, isReserved: false });
      addToCounters(tables, row.record.ownerId, { reservedBytes: -row.record.sizeBytes });
      return true;
    },

    async markProbed(uploadId) {
      const row = uploads.get(uploadId);
      if (row) uploads.set(uploadId, { ...row, probedAtMs: clock.nowMs() });
    },
  };
}

/** Of two digests either of which may not have been said. */
const contradicts = (one: string | undefined, other: string | undefined): boolean =>
  one !== undefined && other !== undefined && one !== other;

const goesElsewhere = (
  one: Pick<NewUpload, "replaces" | "albumId">,
  other: Pick<NewUpload, "replaces" | "albumId">,
): boolean =>
  one.replaces?.fileId !== other.replaces?.fileId ||
  one.replaces?.version !== other.replaces?.version ||
  one.albumId !== other.albumId;

export function extended(upload: UploadRecord, nowMs: number, lives: Lives): UploadRecord {
  return {
    ...upload,
    expiresAtMs: nowMs + lives.uploadLifetimeMs,
    urlsUntilMs: Math.max(upload.urlsUntilMs, nowMs + lives.urlLifetimeMs),
  };
}

/** What the same ref has become, or nothing where it may name a new upload. */
function findRepeated(tables: MemoryTables, command: CreateUploads, item: NewUpload): UploadRow | undefined {
  const id = item.ref === undefined ? undefined : tables.refs.get(pairKey(command.ownerId, item.ref));
  const row = id === undefined ? undefined : tables.uploads.get(id);
  return row && row.record.state !== "aborted" && row.record.state !== "rejected" ? row : undefined;
}

function createUpload(tables: MemoryTables, command: CreateUploads, item: NewUpload): CreateUploadOutcome {
  const nowMs = tables.clock.nowMs();
  const { ownerId, maxOpenUploads, uploadLifetimeMs, urlLifetimeMs } = command;
  const repeated = findRepeated(tables, command, item);
  if (!repeated && item.repeatsOnly) return { outcome: "not-repeated" };
  if (repeated) {
    const { record } = repeated;
    if (
      record.sizeBytes !== item.sizeBytes ||
      contradicts(item.sha256, record.sha256) ||
      goesElsewhere(item, record)
    )
      return { outcome: "ref-reused", upload: record };
    if (record.state !== "pending") return { outcome: "existing", upload: record };
    const { sha256 } = item;
    const upload = { ...extended(record, nowMs, command), ...(sha256 === undefined ? {} : { sha256 }) };
    if (
      upload.expiresAtMs === record.expiresAtMs &&
      upload.urlsUntilMs === record.urlsUntilMs &&
      upload.sha256 === record.sha256
    )
      return { outcome: "existing", upload: record };
    tables.uploads.set(record.id, { ...repeated, record: upload });
    appendEvent(tables, record.id, { principalId: ownerId }, "reminted", "upload.reminted");
    return { outcome: "existing", upload };
  }

  const refused = findDelegationRefusal(tables, command.delegationId, item);
  if (refused) return refused;
  const { albumId } = item;
  if (albumId !== undefined) {
    const member = tables.albumMembers.get(albumId)?.get(ownerId);
    if (!member || member.role === "viewer") return { outcome: "album-missing" };
    const { shotsPerMember } = tables.albums.get(albumId) ?? {};
    if (shotsPerMember !== undefined && member.shotsUsed >= shotsPerMember)
      return { outcome: "no-shots-left", shotsPerMember };
  }
  const { openUploads = 0 } = tables.principals.get(ownerId) ?? {};
  const exceeded = findExceededQuota(tables, command, item);
  if (exceeded) return exceeded;
  if (maxOpenUploads > 0 && openUploads >= maxOpenUploads)
    return { outcome: "too-many-open-uploads", openUploads };
  if (command.guests && !guestsHaveRoom(tables, ownerId, command.guests, item))
    return { outcome: "quota-exceeded", quota: "guests", free: 0 };

  const { repeatsOnly: _, ...members } = item;
  const upload: UploadRecord = {
    ...members,
    metadata: { ...item.metadata },
    ownerId,
    state: "pending",
    attempt: 0,
    failedAttempts: 0,
    lostClaims: 0,
    createdAtMs: nowMs,
    expiresAtMs: nowMs + uploadLifetimeMs,
    urlsUntilMs: nowMs + urlLifetimeMs,
  };
  tables.uploads.set(upload.id, {
    record: upload,
    isReserved: true,
    isClaimed: false,
    claimableAtMs: 0,
    turn: 0,
    probedAtMs: 0,
  });
  if (item.ref !== undefined) tables.refs.set(pairKey(ownerId, item.ref), upload.id);
  addToCounters(tables, ownerId, { reservedBytes: item.sizeBytes, openUploads: 1 });
  if (albumId !== undefined) addToShots(tables, albumId, ownerId, 1);
  countSent(tables, command.delegationId, item);
  const audited = auditedOfCreate(item, command.delegationId);
  appendEvent(tables, upload.id, { principalId: ownerId }, "created", "upload.created", "", audited);
  return { outcome: "created", upload };
}

/** Whether those whom the same person invited may have that too. */
function guestsHaveRoom(
  { hosts, principals }: MemoryTables,
  guestId: string,
  { quotaBytes, quotaFiles, hostQuotaBytes }: NonNullable<CreateUploads["guests"]>,
  { sizeBytes }: NewUpload,
): boolean {
  const hostId = hosts.get(guestId);
  const host = hostId === undefined ? undefined : principals.get(hostId);
  const sum = (of: typeof bytesOf, bound: number, smallest: number): number => {
    let all = 0;
    for (const [id, invitedBy] of hosts) {
      const guest = principals.get(id);
      if (invitedBy !== hostId || !guest) continue;
      const taken = of(guest);
      all += id === guestId ? taken : roundedUp(taken, guestStepOf(bound, taken, smallest));
    }
    return all;
  };
  const bytesWithin = (bound: number) => sizeBytes + sum(bytesOf, bound, smallestGuestStep.bytes);
  const hostBytes = host ? roundedUp(bytesOf(host), stepOf(hostQuotaBytes)) : 0;
  return (
    (quotaBytes === 0 || bytesWithin(quotaBytes) <= quotaBytes) &&
    (quotaFiles === 0 || 1 + sum(filesOf, quotaFiles, smallestGuestStep.files) <= quotaFiles) &&
    (hostQuotaBytes === 0 || bytesWithin(hostQuotaBytes) + hostBytes <= hostQuotaBytes)
  );
}

/** The first quota that has no room for it. */
function findExceededQuota(
  tables: MemoryTables,
  command: CreateUploads,
  item: NewUpload,
): CreateUploadOutcome | undefined {
  const { quotaFiles = 0, organisationQuotaBytes = 0, organisationQuotaFiles = 0 } = command;
  const owner = tables.principals.get(command.ownerId);
  const organisation = owner?.organisationId && sumOfOrganisation(tables, owner.organisationId);
  // What replaces a version takes the place of one.
  const filesAsked = item.replaces ? 0 : 1;
  for (const [quota, most, of] of [
    ["bytes", command.quotaBytes, owner],
    ["files", quotaFiles, owner],
    ["organisation-bytes", organisationQuotaBytes, organisation],
    ["organisation-files", organisationQuotaFiles, organisation],
  ] as const) {
    if (most === 0 || !of || !owner) continue;
    const isBytes = quota.endsWith("bytes");
    const count = isBytes ? bytesOf : filesOf;
    const free = most - count(owner) - roundedUp(count(of) - count(owner), stepOf(most));
    if ((isBytes ? item.sizeBytes : filesAsked) > free)
      return { outcome: "quota-exceeded", quota, free: Math.max(0, free) };
  }
  return undefined;
}
