import type { Clock, DoomedObject, MetadataStore, UploadRecord } from "@stowage/core";
import { purgeFile, restoreFile, trashFile } from "./commands/change-files.ts";
import { claimUpload, finishUpload, releaseClaim, renewClaim } from "./commands/claimed-uploads.ts";
import { type CommandContext, readFile, readUpload, selectFiles } from "./commands/context.ts";
import { createUploads } from "./commands/create-uploads.ts";
import { ensurePrincipal } from "./commands/ensure-principal.ts";
import { abortUpload, completeUpload, releaseReservation, remintUpload } from "./commands/pending-uploads.ts";
import { createGroupCommit } from "./group-commit.ts";
import { migrate } from "./migrate.ts";
import {
  findFiles,
  findKnownKeys,
  findUploads,
  listAuditEvents,
  listFiles,
  listUploadEvents,
  listUploads,
} from "./reads.ts";
import { type FileRow, fileOf, type PrincipalRow, principalOf, type UploadRow, uploadOf } from "./rows.ts";
import { asPortError, openSqlite } from "./sqlite-connection.ts";

export interface SqliteMetadataStoreOptions {
  /** Made where it is missing, its folder is not; readable by its owner only. */
  readonly file: string;
  /** The store's own clock. Default the system's. */
  readonly clock?: Clock;
  /** How long a command tries for the lock that another process holds. Default 5000. */
  readonly busyTimeoutMs?: number;
}

const defaultBusyTimeoutMs = 5_000;

/**
 * Rows in one SQLite file, which several processes may open at once. Commands of one event-loop turn share a
 * transaction and are answered after its commit is on the disk.
 *
 * @throws DatabaseTooNewError
 */
export async function createSqliteMetadataStore({
  file,
  clock = { nowMs: () => Date.now() },
  busyTimeoutMs = defaultBusyTimeoutMs,
}: SqliteMetadataStoreOptions): Promise<MetadataStore & { close(): Promise<void> }> {
  const connection = openSqlite(file);
  migrate(connection);
  const context: CommandContext = { connection, clock };
  const write = createGroupCommit(connection, busyTimeoutMs);
  const inWrite =
    <Command, Result>(run: (context: CommandContext, command: Command) => Result) =>
    (command: Command): Promise<Result> =>
      write(() => run(context, command));
  const inRead =
    <Query, Result>(run: (context: CommandContext, query: Query) => Result) =>
    async (query: Query): Promise<Result> => {
      try {
        return run(context, query);
      } catch (error) {
        throw asPortError(error);
      }
    };
  const uploadsWhere = (condition: string) =>
    inRead((_context: CommandContext, limit: number): UploadRecord[] =>
      connection
        .all<UploadRow>(
          `SELECT * FROM uploads WHERE ${condition.replace("NOW", "?1")} LIMIT ?2`,
          clock.nowMs(),
          limit,
        )
        .map(uploadOf),
    );
  return {
    ensurePrincipal: inWrite(ensurePrincipal),
    findPrincipal: inRead((_context, id: string) => {
      const row = connection.get<PrincipalRow>("SELECT * FROM principals WHERE id = ?", id);
      return row && principalOf(row);
    }),
    createUploads: inWrite(createUploads),
    remintUpload: inWrite(remintUpload),
    completeUpload: inWrite(completeUpload),
    abortUpload: inWrite(abortUpload),
    releaseReservation: inWrite(releaseReservation),
    claimUpload: inWrite(claimUpload),
    renewClaim: inWrite(renewClaim),
    releaseClaim: inWrite(releaseClaim),
    finishUpload: inWrite(finishUpload),
    findUpload: inRead(readUpload),
    findUploads: inRead(findUploads),
    listUploadEvents: inRead(listUploadEvents),
    listUploads: inRead(listUploads),
    findFile: inRead(readFile),
    findFiles: inRead(findFiles),
    listFiles: inRead(listFiles),
    trashFile: inWrite(trashFile),
    restoreFile: inWrite(restoreFile),
    purgeFile: inWrite(purgeFile),
    listExpiredUploads: uploadsWhere("state = 'pending' AND expires_at <= NOW ORDER BY expires_at"),
    listUnprobedUploads: uploadsWhere(
      "state = 'pending' AND probed = 0 AND urls_until <= NOW ORDER BY urls_until",
    ),
    markProbed: inWrite((_context, uploadId: string) => {
      connection.run(
        "UPDATE uploads SET probed = 1 WHERE id = ? AND state = 'pending' AND urls_until <= ?",
        uploadId,
        clock.nowMs(),
      );
    }),
    listHeldReservations: uploadsWhere(
      "state = 'aborted' AND reservation_held = 1 AND urls_until <= NOW ORDER BY urls_until",
    ),
    listTrash: inRead((_context, before: { readonly trashedBeforeMs: number; readonly limit: number }) =>
      connection
        .all<FileRow>(
          `${selectFiles} WHERE f.state = 'trashed' AND f.trashed_at < ? ORDER BY f.trashed_at LIMIT ?`,
          before.trashedBeforeMs,
          before.limit,
        )
        .map(fileOf),
    ),
    listDoomedObjects: inRead((_context, limit: number): DoomedObject[] =>
      connection
        .all<{ key: string; not_before: number }>(
          "SELECT key, not_before FROM doomed_objects WHERE not_before <= ? ORDER BY not_before LIMIT ?",
          clock.nowMs(),
          limit,
        )
        .map(({ key, not_before }) => ({ key, notBeforeMs: not_before })),
    ),
    forgetDoomedObjects: inWrite((_context, keys: readonly string[]) => {
      connection.run(
        "DELETE FROM doomed_objects WHERE key IN (SELECT value FROM json_each(?))",
        JSON.stringify(keys),
      );
    }),
    findKnownKeys: inRead(findKnownKeys),
    listAuditEvents: inRead(listAuditEvents),
    checkHealth: inRead(() => {
      connection.get("SELECT 1 FROM principals LIMIT 1");
    }) as () => Promise<void>,
    close: async () => connection.close(),
  };
}
