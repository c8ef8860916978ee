import { outOfAlbumInWords } from "../album.ts";
import { leaseOfMs, longestClaimWaitMs } from "../limits.ts";
import { placeVersion } from "../place-version.ts";
import { isSealed } from "../policy/decide-album-access.ts";
import { guestIssuer } from "../ports/capability-commands.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";
import type { FinishResult } from "../ports/upload-commands.ts";
import type { UploadRecord } from "../upload.ts";
import { hasRight } from "./memory-metadata-store-capabilities.ts";
import {
  addToCounters,
  addToShots,
  appendAudit,
  appendEvent,
  doom,
  fileOf,
  isOfNow,
  isQueued,
  type MemoryTables,
  nextUploadTurn,
  setAlbumFiles,
  type UploadRow,
} from "./memory-metadata-store-tables.ts";

/** The worker's commands. */
export function memoryClaimCommands(
  tables: MemoryTables,
): Pick<MetadataStore, "claimUpload" | "renewClaim" | "releaseClaim" | "finishUpload"> {
  const { clock, uploads } = tables;

  const findHeld = (uploadId: string, attempt: number): UploadRow | undefined => {
    const row = uploads.get(uploadId);
    return row?.isClaimed && row.record.attempt === attempt ? row : undefined;
  };

  const setLease = (row: UploadRow, leaseUntilMs: number, isClaimed: boolean, failedAttempts: number) =>
    uploads.set(row.record.id, {
      ...row,
      isClaimed,
      claimableAtMs: leaseUntilMs,
      record: { ...row.record, leaseUntilMs, failedAttempts },
    });

  return {
    async claimUpload({ leaseMs }) {
      const nowMs = clock.nowMs();
      const farthestMs = nowMs + Math.max(leaseMs, longestClaimWaitMs);
      let next: UploadRow | undefined;
      let farthest: UploadRow | undefined;
      for (const row of uploads.values()) {
        if (!isQueued(row)) continue;
        if (row.claimableAtMs > farthestMs && (!farthest || isDueBefore(farthest, row))) farthest = row;
        if (row.claimableAtMs > nowMs) continue;
        if (!next || row.turn < next.turn || (row.turn === next.turn && isDueBefore(row, next))) next = row;
      }
      next ??= farthest;
      if (!next) return undefined;
      tables.claimedTurns.uploads = Math.max(tables.claimedTurns.uploads, next.turn);
      const lost = next.isClaimed ? 1 : 0;
      const lostClaims = next.record.lostClaims + lost;
      const leaseUntilMs = nowMs + leaseOfMs(leaseMs, lostClaims);
      const upload: UploadRecord = {
        ...next.record,
        state: "verifying",
        attempt: next.record.attempt + 1,
        failedAttempts: next.record.failedAttempts + 1 - lost,
        lostClaims,
        leaseUntilMs,
      };
      uploads.set(upload.id, { ...next, record: upload, isClaimed: true, claimableAtMs: leaseUntilMs });
      appendEvent(tables, upload.id, "system", "verifying", "upload.claimed");
      return upload;
    },

    async renewClaim({ uploadId, attempt, leaseMs }) {
      const row = findHeld(uploadId, attempt);
      if (!row) return false;
      const { failedAttempts, lostClaims } = row.record;
      setLease(row, clock.nowMs() + leaseOfMs(leaseMs, lostClaims), true, failedAttempts);
      return true;
    },

    async releaseClaim({ uploadId, attempt, retryInMs, consumed, detail }) {
      const row = findHeld(uploadId, attempt);
      if (!row) return false;
      const turn = consumed ? row.turn : nextUploadTurn(tables, row.record.ownerId);
      const failedAttempts = row.record.failedAttempts - (consumed ? 0 : 1);
      setLease({ ...row, turn }, clock.nowMs() + retryInMs, false, failedAttempts);
      appendEvent(tables, uploadId, "system", "postponed", "upload.postponed", detail);
      return true;
    },

    async finishUpload({ uploadId, attempt, result, dooms }) {
      const row = findHeld(uploadId, attempt);
      if (!row) return "stale";
      const { leaseUntilMs: _, ...record } = row.record;
      if (result.kind === "ready" && !mayBecomeFile(tables, record)) return "not-in-album";
      const ended: UploadRecord = { ...record, state: result.kind, endedAtMs: clock.nowMs() };
      tables.declaredParts.delete(uploadId);
      uploads.set(uploadId, {
        ...row,
        isClaimed: false,
        isReserved: false,
        record:
          result.kind === "ready"
            ? { ...ended, sha256: result.facts.sha256 }
            : { ...ended, rejection: { ...result.rejection } },
      });
      addToCounters(tables, record.ownerId, {
        openUploads: -1,
        reservedBytes: -record.sizeBytes,
        usedBytes: result.kind === "ready" ? result.facts.sizeBytes : 0,
      });
      for (const each of dooms) doom(tables, each);
      if (result.kind === "rejected") {
        if (record.albumId !== undefined) addToShots(tables, record.albumId, record.ownerId, -1);
        appendEvent(tables, uploadId, "system", "rejected", "upload.rejected", result.rejection.detail);
      } else {
        const placed = keep(tables, record, result);
        appendEvent(tables, uploadId, "system", "ready", "upload.ready", placed);
      }
      return "finished";
    },
  };
}

const isDueBefore = (one: UploadRow, other: UploadRow): boolean =>
  one.claimableAtMs < other.claimableAtMs ||
  (one.claimableAtMs === other.claimableAtMs && one.record.id < other.record.id);

/** Where it goes: nowhere where who sent it may not add to it any more. */
export const placeInAlbum = (
  tables: MemoryTables,
  { albumId = "", ownerId }: Pick<UploadRecord, "albumId" | "ownerId">,
) => {
  const role = tables.albumMembers.get(albumId)?.get(ownerId)?.role;
  const isIn = role !== undefined && role !== "viewer";
  return isIn && (!isGuest(tables, ownerId) || hasRight(tables, ownerId, albumId))
    ? tables.albums.get(albumId)
    : undefined;
};

const isGuest = ({ principals }: MemoryTables, id: string): boolean =>
  principals.get(id)?.issuer === guestIssuer;

function mayBecomeFile(tables: MemoryTables, upload: UploadRecord): boolean {
  if (upload.albumId === undefined || placeInAlbum(tables, upload)) return true;
  const album = tables.albums.get(upload.albumId);
  return !isGuest(tables, upload.ownerId) && !(album && isSealed(album));
}

/** Keeps what is ready as a file, or as another version of one; answers what the timeline says of it. */
function keep(
  tables: MemoryTables,
  upload: UploadRecord,
  { facts, detail }: FinishResult & { kind: "ready" },
): string {
  const { clock, files } = tables;
  const made = {
    name: upload.name,
    createdAtMs: clock.nowMs(),
    uploadId: upload.id,
    facts: { ...facts, derivatives: facts.derivatives.map((derivative) => ({ ...derivative })) },
  };
  const { replaces } = upload;
  const found = replaces && files.get(replaces.fileId);
  const row = found?.record.ownerId === upload.ownerId ? found : undefined;
  const placement = replaces && placeVersion(row && fileOf(tables, row), replaces);
  if (!row || !placement || placement.kind === "apart") {
    addToCounters(tables, upload.ownerId, { usedFiles: 1 });
    const album = placeInAlbum(tables, upload);
    files.set(upload.fileId, {
      record: {
        id: upload.fileId,
        ownerId: upload.ownerId,
        ...(album && isSealed(album) ? { state: "sealed", sealedBy: album.id } : { state: "ready" }),
        name: upload.name,
        metadata: upload.metadata,
        ...(upload.audience && isOfNow(tables, upload.ownerId, upload.audience)
          ? { audience: upload.audience }
          : {}),
        version: 1,
        latestVersion: 1,
        revision: 1,
        createdAtMs: clock.nowMs(),
      },
      versions: new Map([[1, { ...made, version: 1, isConflict: false }]]),
    });
    if (album) setAlbumFiles(tables, upload.fileId, new Map([[album.id, upload.ownerId]]));
    const more = placement?.detail ?? (upload.albumId === undefined || album ? undefined : outOfAlbumInWords);
    return more === undefined ? detail : `${detail} ${more}`;
  }
  const { kind, version } = placement;
  const { record, versions } = row;
  const isCurrent = kind === "current";
  files.set(record.id, {
    record: {
      ...record,
      version: isCurrent ? version : record.version,
      latestVersion: version,
      revision: record.revision + 1,
    },
    versions: new Map([...versions, [version, { ...made, version, isConflict: !isCurrent }]]),
  });
  const ended = tables.uploads.get(upload.id);
  if (ended) tables.uploads.set(upload.id, { ...ended, record: { ...ended.record, fileId: record.id } });
  appendAudit(tables, "system", isCurrent ? "file.replaced" : "file.conflicted", record.id);
  return `${detail} ${placement.detail}`;
}
