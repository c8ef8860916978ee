import { type Actor, type AuditAction, auditedOf } from "../audit-event.ts";
import type { FileRecord } from "../file.ts";
import { isSealed } from "../policy/decide-album-access.ts";
import type { FileCommand, FileOutcome, VersionCommand, VersionOutcome } from "../ports/file-commands.ts";
import type { MetadataStore } from "../ports/metadata-store.ts";
import { placeInAlbum } from "./memory-metadata-store-claims.ts";
import { purgeMakes } from "./memory-metadata-store-derivatives.ts";
import { deleteLinksTo } from "./memory-metadata-store-links.ts";
import {
  addToCounters,
  addToShots,
  appendAudit,
  doom,
  type FileRow,
  fileOf,
  type MemoryTables,
  noteEndedGuest,
  setAlbumFiles,
  type VersionRow,
} from "./memory-metadata-store-tables.ts";

/** Commands over files. */
export function memoryFileCommands(
  tables: MemoryTables,
): Pick<
  MetadataStore,
  | "changeFile"
  | "trashFile"
  | "restoreFile"
  | "restoreVersion"
  | "purgeVersion"
  | "purgeFile"
  | "quarantineFile"
  | "releaseFile"
  | "listQuarantinedFiles"
> {
  const { clock, files } = tables;

  /** Runs `change` on the file if it is as the command believes; audits it. */
  const decide = (
    { fileId, revision, actor }: FileCommand,
    allowedStates: readonly FileRecord["state"][],
    action: AuditAction,
    change: (row: FileRow) => FileRecord,
    detail?: string,
  ): FileOutcome => {
    const row = files.get(fileId);
    if (!row) return { outcome: "missing" };
    const { revision: current, state } = row.record;
    if (current !== revision) return { outcome: "stale", file: fileOf(tables, row) };
    if (!allowedStates.includes(state)) return { outcome: "wrong-state", file: fileOf(tables, row) };
    const file = change(row);
    appendAudit(tables, actor, action, fileId, detail, files.has(fileId) ? undefined : row.record);
    return { outcome: "done", file };
  };

  /** The same of a version that the file has, and that is not current. */
  const decideVersion = (
    command: VersionCommand,
    action: AuditAction,
    change: (row: FileRow, version: VersionRow) => FileRecord,
  ): VersionOutcome => {
    const row = files.get(command.fileId);
    const version = row?.versions.get(command.version);
    if (row?.record.revision === command.revision && row.record.state === "ready") {
      if (!version) return { outcome: "no-such-version", file: fileOf(tables, row) };
      if (row.record.version === command.version) return { outcome: "is-current", file: fileOf(tables, row) };
    }
    return decide(command, ["ready"], action, (found) => {
      if (!version) throw new Error("a version vanished");
      return change(found, version);
    });
  };

  const replace = (
    row: FileRow,
    change: Partial<FileRow["record"]>,
    versions: FileRow["versions"] = row.versions,
  ): FileRecord => {
    const changed: FileRow = {
      record: { ...row.record, ...change, revision: row.record.revision + 1 },
      versions,
    };
    files.set(row.record.id, changed);
    return fileOf(tables, changed);
  };

  return {
    async changeFile({ change, ...command }) {
      const { name, metadata, audience, sharesOriginal, albumIds } = change;
      const before = tables.albumFiles.get(command.fileId) ?? new Map<string, string>();
      const { revision, state } = files.get(command.fileId)?.record ?? {};
      if (
        revision === command.revision &&
        state === "ready" &&
        albumIds?.some((id) => !before.has(id) && !mayAdd(tables, id, command.actor))
      )
        return { outcome: "album-refused" };
      const userId = idOfActor(command.actor);
      const added = albumIds?.filter((id) => !before.has(id)) ?? [];
      const shots = shotsWhereSpent(tables, added, userId);
      if (revision === command.revision && state === "ready" && shots !== undefined)
        return { outcome: "no-shots-left", shotsPerMember: shots };
      const run = (found: FileRow): FileRecord => {
        for (const id of added) addToShots(tables, id, userId, 1);
        if (albumIds)
          setAlbumFiles(
            tables,
            command.fileId,
            new Map(albumIds.map((id) => [id, before.get(id) ?? idOfActor(command.actor)])),
          );
        const row = files.get(command.fileId) ?? found;
        const { audience: shown, sharesOriginal: shared, ...record } = row.record;
        const kept = { audience: audience ?? shown ?? "private", shared: sharesOriginal ?? shared ?? false };
        return replace(
          { ...row, record },
          {
            ...(name === undefined ? {} : { name }),
            ...(metadata === undefined ? {} : { metadata }),
            ...(kept.audience === "private" ? {} : { audience: kept.audience }),
            ...(kept.shared ? { sharesOriginal: true } : {}),
          },
        );
      };
      return decide(command, ["ready"], "file.changed", run, auditedOf(change));
    },

    async trashFile(command) {
      return decide(command, ["ready"], "file.trashed", (row) =>
        replace(row, { state: "trashed", trashedAtMs: clock.nowMs() }),
      );
    },

    async restoreFile(command) {
      const { ownerId = "" } = files.get(command.fileId)?.record ?? {};
      const before = [...(tables.albumFiles.get(command.fileId) ?? [])];
      const stays = before.filter(([id]) => placeInAlbum(tables, { albumId: id, ownerId }) !== undefined);
      const albumIds = stays.length === before.length ? undefined : stays.map(([id]) => id).sort();
      const run = (found: FileRow): FileRecord => {
        if (albumIds) {
          setAlbumFiles(tables, command.fileId, new Map(stays));
          noteEndedGuest(tables, ownerId);
        }
        const row = files.get(command.fileId) ?? found;
        const { trashedAtMs: _, ...record } = row.record;
        return replace({ ...row, record }, { state: "ready" });
      };
      return decide(command, ["trashed"], "file.restored", run, auditedOf({ albumIds }));
    },

    async restoreVersion(command) {
      return decideVersion(command, "version.restored", (row, version) =>
        replace(
          row,
          { version: version.version },
          new Map([...row.versions, [version.version, { ...version, isConflict: false }]]),
        ),
      );
    },

    async purgeVersion(command) {
      return decideVersion(command, "version.purged", (row, version) => {
        purge(tables, row.record, version);
        return replace(row, {}, new Map([...row.versions].filter(([number]) => number !== version.version)));
      });
    },

    async quarantineFile({ fileId, version, key, finding, scanner }) {
      const row = files.get(fileId);
      if (row?.versions.get(version)?.facts.key !== key || !row) return { outcome: "missing" };
      const { state, trashedAtMs = clock.nowMs(), revision } = row.record;
      if (state === "quarantined" || row.record.quarantine)
        return { outcome: "already", file: fileOf(tables, row) };
      const quarantine = {
        atMs: clock.nowMs(),
        version,
        finding,
        scanner,
        from: state === "trashed" ? state : "ready",
      } as const;
      const change =
        state === "sealed" ? { quarantine } : ({ state: "quarantined", quarantine, trashedAtMs } as const);
      const command = { fileId, revision, actor: "system" } as const;
      const result = decide(command, [state], "file.quarantined", (found) => replace(found, change));
      if (result.outcome !== "done") throw new Error("a file changed within a command");
      return { outcome: "done", file: result.file };
    },

    async releaseFile(command) {
      return decide(command, ["quarantined"], "file.released", (row) => {
        const { quarantine, trashedAtMs, ...record } = row.record;
        const state = quarantine?.from ?? "ready";
        const trashed = state === "trashed" && trashedAtMs !== undefined ? { trashedAtMs } : {};
        return replace({ ...row, record }, { state, ...trashed });
      });
    },

    async listQuarantinedFiles({ after = "", limit }) {
      return [...files.values()]
        .filter(({ record: { id, state } }) => state === "quarantined" && id > after)
        .sort((one, other) => (one.record.id < other.record.id ? -1 : 1))
        .slice(0, limit)
        .map((row) => fileOf(tables, row));
    },

    async purgeFile(command) {
      return decide(command, ["ready", "quarantined", "trashed", "sealed"], "file.purged", (row) => {
        files.delete(row.record.id);
        addToCounters(tables, row.record.ownerId, { usedFiles: -1 });
        tables.grants.delete(row.record.id);
        tables.glassBreaks.delete(row.record.id);
        for (const { id, fileId } of tables.invites.values())
          if (fileId === row.record.id) tables.invites.delete(id);
        tables.endedGrants.delete(row.record.id);
        deleteLinksTo(tables, { kind: "file", id: row.record.id });
        tables.albumFiles.delete(row.record.id);
        for (const version of row.versions.values()) purge(tables, row.record, version);
        noteEndedGuest(tables, row.record.ownerId);
        return fileOf(tables, row);
      });
    },
  };
}

const idOfActor = (actor: Actor): string => (typeof actor === "string" ? actor : actor.principalId);

/** Of the first of some albums in which somebody has no shot left. */
const shotsWhereSpent = (
  { albums, albumMembers }: MemoryTables,
  albumIds: readonly string[],
  userId: string,
): number | undefined =>
  albumIds
    .map((id) => ({
      most: albums.get(id)?.shotsPerMember,
      used: albumMembers.get(id)?.get(userId)?.shotsUsed,
    }))
    .find(({ most, used }) => most !== undefined && used !== undefined && used >= most)?.most;

/** Whether somebody may put what is ready into an album. */
function mayAdd(tables: MemoryTables, albumId: string, actor: Actor): boolean {
  const album = tables.albums.get(albumId);
  const role = tables.albumMembers.get(albumId)?.get(idOfActor(actor))?.role;
  return album !== undefined && !isSealed(album) && role !== undefined && role !== "viewer";
}

/** Dooms a version's objects, frees its bytes and forgets what it was called. */
function purge(
  tables: MemoryTables,
  { id, ownerId }: FileRow["record"],
  { facts, uploadId, version }: VersionRow,
): void {
  purgeMakes(tables, id, version);
  const { clock, uploads } = tables;
  for (const { key } of [facts, ...facts.derivatives]) doom(tables, { key, notBeforeMs: clock.nowMs() });
  addToCounters(tables, ownerId, { usedBytes: -facts.sizeBytes });
  const upload = uploads.get(uploadId);
  if (upload) uploads.set(uploadId, { ...upload, record: { ...upload.record, name: "", metadata: {} } });
}
