import type { FileRecord } from "../file.ts";
import { comparePositions, isListed, positionOf } from "../file-lists/file-list.ts";
import { albumAudience, shownAudience } from "../policy/audiences.ts";
import { isSealed } from "../policy/decide-album-access.ts";
import type { ListFiles, ListPosition, MetadataStore } from "../ports/metadata-store.ts";
import { endedUploadStates, type UploadRecord } from "../upload.ts";
import {
  albumOf,
  audiencesIn,
  type FileRow,
  fileOf,
  fileVersionOf,
  type MemoryTables,
  pairKey,
  rawFileOf,
  type UploadRow,
} from "./memory-metadata-store-tables.ts";

/** Newest lines of a timeline that are shown. */
const shownEvents = 200;

type Reads = Pick<
  MetadataStore,
  | "findPrincipal"
  | "findUpload"
  | "findUploads"
  | "findUploadsByLandingKeys"
  | "listUploadEvents"
  | "listUploads"
  | "findFile"
  | "findFiles"
  | "listFiles"
  | "listRevealedFiles"
  | "listFileVersions"
  | "findFileVersions"
  | "listExpiredUploads"
  | "listUnprobedUploads"
  | "listHeldReservations"
  | "listUnclosedUploads"
  | "listTrash"
  | "listDoomedObjects"
  | "findKnownKeys"
  | "findKnownMultiparts"
  | "listDeclaredParts"
  | "countOpenUploads"
>;

/** All that changes nothing. */
export function memoryReads(tables: MemoryTables): Reads {
  const { clock, uploads, files, doomed } = tables;

  const isAfter = ({ createdAtMs, id }: ListPosition, after: ListPosition | undefined): boolean =>
    !after || createdAtMs < after.createdAtMs || (createdAtMs === after.createdAtMs && id < after.id);

  const newestFirst = (one: ListPosition, other: ListPosition): number =>
    other.createdAtMs - one.createdAtMs || (one.id < other.id ? 1 : -1);

  const listed = ({ ownerId, list, after, limit }: ListFiles): FileRecord[] =>
    [...files.values()]
      .filter(({ record }) => list.by === "audience" || record.ownerId === ownerId)
      .filter((row) => isListed(list, rawFileOf(row), audiencesIn(tables, rawFileOf(row))))
      .map((row) => fileOf(tables, row))
      .map((file) => ({ file, position: positionOf(list, file) }))
      .filter(({ position }) => !after || comparePositions(position, after) > 0)
      .sort((one, other) => comparePositions(one.position, other.position))
      .slice(0, limit)
      .map(({ file }) => file);

  /** What is sealed, once it is unsealed. */
  const belongs = ({ ownerId, list }: ListFiles, record: FileRow["record"]): boolean => {
    if (record.state !== "sealed") return false;
    if (list.by !== "audience") return record.ownerId === ownerId;
    const shown = record.audience ? [shownAudience(record.audience)] : [];
    return [...shown, albumAudience(record.sealedBy ?? "")].includes(list.audience);
  };

  const oldestUploads = (
    limit: number,
    isListed: (row: UploadRow) => boolean,
    timeOf: (upload: UploadRecord) => number,
  ): UploadRecord[] =>
    [...uploads.values()]
      .filter(isListed)
      .map(({ record }) => record)
      .sort((one, other) => timeOf(one) - timeOf(other) || (one.id < other.id ? -1 : 1))
      .slice(0, limit);

  return {
    async findPrincipal(id) {
      return tables.principals.get(id);
    },

    async findUpload(id) {
      return uploads.get(id)?.record;
    },

    async findUploads(ids) {
      return [...new Set(ids)].flatMap((id) => uploads.get(id)?.record ?? []);
    },

    async findUploadsByLandingKeys(keys) {
      const wanted = new Set(keys);
      return [...uploads.values()].flatMap(({ record }) => (wanted.has(record.landingKey) ? [record] : []));
    },

    async listUploadEvents(uploadId) {
      return (tables.events.get(uploadId) ?? []).slice(-shownEvents);
    },

    async listUploads({ ownerId, state, after, limit }) {
      return [...uploads.values()]
        .map(({ record }) => record)
        .filter((upload) => upload.ownerId === ownerId && (state === undefined || upload.state === state))
        .filter((upload) => isAfter(upload, after))
        .sort(newestFirst)
        .slice(0, limit);
    },

    async findFile(id) {
      const row = files.get(id);
      return row && fileOf(tables, row);
    },

    async findFiles(ids) {
      return [...new Set(ids)].flatMap((id) => {
        const row = files.get(id);
        return row ? [fileOf(tables, row)] : [];
      });
    },

    async listFileVersions({ fileId, after = Number.POSITIVE_INFINITY, limit }) {
      const row = files.get(fileId);
      if (!row) return [];
      return [...row.versions.values()]
        .filter(({ version }) => version < after)
        .sort((one, other) => other.version - one.version)
        .slice(0, limit)
        .map((version) => fileVersionOf(row, version));
    },

    async findFileVersions(versions) {
      const wanted = new Map(versions.map((each) => [pairKey(each.fileId, String(each.version)), each]));
      return [...wanted.values()].flatMap(({ fileId, version }) => {
        const row = files.get(fileId);
        const found = row?.versions.get(version);
        return row && found ? [fileVersionOf(row, found)] : [];
      });
    },

    listFiles: async (query) => listed(query),

    async listRevealedFiles(query) {
      const albums = [...files.values()]
        .filter(({ record }) => belongs(query, record))
        .flatMap(({ record }) => albumOf(tables, record.sealedBy ?? "") ?? [])
        .filter((album) => !isSealed(album));
      const [album] = albums.sort(
        (one, other) => (one.revealedAtMs ?? 0) - (other.revealedAtMs ?? 0) || (one.id < other.id ? -1 : 1),
      );
      return album ? { outcome: "unsealing", album } : { outcome: "listed", files: listed(query) };
    },

    async listExpiredUploads(limit) {
      return oldestUploads(
        limit,
        ({ record }) => record.state === "pending" && record.expiresAtMs <= clock.nowMs(),
        ({ expiresAtMs }) => expiresAtMs,
      );
    },

    async listUnprobedUploads(limit) {
      return oldestUploads(
        limit,
        ({ record: { state, urlsUntilMs }, probedAtMs }) =>
          state === "pending" && urlsUntilMs <= clock.nowMs() && probedAtMs < urlsUntilMs,
        ({ urlsUntilMs }) => urlsUntilMs,
      );
    },

    async listHeldReservations(limit) {
      return oldestUploads(
        limit,
        ({ record, isReserved }) =>
          record.state === "aborted" && isReserved && record.urlsUntilMs <= clock.nowMs(),
        ({ urlsUntilMs }) => urlsUntilMs,
      );
    },

    async listUnclosedUploads(limit) {
      return oldestUploads(
        limit,
        ({ record, isReserved }) =>
          record.state === "aborted" && isReserved && record.urlsUntilMs > clock.nowMs(),
        ({ urlsUntilMs }) => urlsUntilMs,
      );
    },

    async listTrash({ trashedBeforeMs, limit }) {
      const trashedAt = (file: { readonly trashedAtMs?: number }) => file.trashedAtMs ?? 0;
      return [...files.values()]
        .map((row) => fileOf(tables, row))
        .filter((file) => file.state === "trashed" && trashedAt(file) < trashedBeforeMs)
        .sort((one, other) => trashedAt(one) - trashedAt(other) || (one.id < other.id ? -1 : 1))
        .slice(0, limit);
    },

    async listDoomedObjects(limit) {
      return [...doomed]
        .map(([key, notBeforeMs]) => ({ key, notBeforeMs }))
        .filter(({ notBeforeMs }) => notBeforeMs <= clock.nowMs())
        .sort((one, other) => one.notBeforeMs - other.notBeforeMs || (one.key < other.key ? -1 : 1))
        .slice(0, limit);
    },

    async findKnownKeys(keys) {
      const spokenOf = new Set<string>(doomed.keys());
      const openPrefixes: string[] = [];
      for (const { record } of uploads.values()) {
        if (endedUploadStates.has(record.state)) continue;
        spokenOf.add(record.landingKey);
        openPrefixes.push(`${record.storagePrefix}/`);
      }
      for (const { key, made } of tables.makes.values())
        for (const each of [key, made?.key]) if (each !== undefined) spokenOf.add(each);
      for (const { record, keyPrefix, attempt } of tables.archives.values()) {
        for (const { key } of record.parts) spokenOf.add(key);
        if (record.state === "waiting" || record.state === "making")
          openPrefixes.push(`${keyPrefix}/${attempt}/`);
      }
      // Only the version's own keys: what a late worker wrote beside them is an orphan.
      for (const { versions } of files.values())
        for (const { facts } of versions.values())
          for (const { key } of [facts, ...facts.derivatives]) spokenOf.add(key);
      return new Set(
        keys.filter((key) => spokenOf.has(key) || openPrefixes.some((prefix) => key.startsWith(prefix))),
      );
    },

    async countOpenUploads(limit) {
      const records = [...uploads.values()].map(({ record }) => record);
      const countOf = (state: UploadRecord["state"]) =>
        Math.min(limit, records.filter((record) => record.state === state).length);
      const waiting = [...uploads.values()]
        .filter(({ record: { state } }) => state === "uploaded" || state === "verifying")
        .map(({ claimableAtMs = 0 }) => claimableAtMs)
        .filter((claimableAtMs) => claimableAtMs <= clock.nowMs());
      return {
        pending: countOf("pending"),
        uploaded: countOf("uploaded"),
        verifying: countOf("verifying"),
        waiting: Math.min(limit, waiting.length),
        ...(waiting.length === 0 ? {} : { waitingSinceMs: Math.min(...waiting) }),
      };
    },

    async findKnownMultiparts(storeUploadIds) {
      const known = new Set<string>();
      for (const { record } of uploads.values())
        if (record.state === "pending" && record.multipart?.storeUploadId !== undefined)
          known.add(record.multipart.storeUploadId);
      for (const { storeUploadId } of tables.archives.values())
        if (storeUploadId !== undefined) known.add(storeUploadId);
      return new Set(storeUploadIds.filter((id) => known.has(id)));
    },

    async listDeclaredParts(uploadId) {
      return [...(tables.declaredParts.get(uploadId) ?? [])]
        .map(([partNumber, sha256]) => ({ partNumber, sha256 }))
        .sort((one, other) => one.partNumber - other.partNumber);
    },
  };
}
