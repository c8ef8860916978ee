import {
  type ArchiveClaim,
  type ArchiveFailure,
  type ArchivePart,
  type ArchiveRecord,
  type ArchiveRequest,
  type ArchiveTask,
  archivePartKey,
  type DoubtedArchive,
  type LeftOutFile,
  lateWriterMs,
  longestClaimWaitMs,
  type MetadataStore,
} from "@stowage/core";
import { addAuditEvent, type CommandContext, doom } from "./context.ts";
import { nextTurn, noteClaimedTurn } from "./queue-turns.ts";

type Command<Name extends keyof MetadataStore> = MetadataStore[Name] extends (command: infer C) => unknown
  ? C
  : never;
type Outcome<Name extends keyof MetadataStore> = Awaited<
  MetadataStore[Name] extends (...command: never[]) => infer R ? R : never
>;

interface ArchiveRow {
  id: string;
  owner_id: string;
  request: string;
  state: "waiting" | "ready" | "stale" | "failed";
  created_at: number;
  ends_at: number;
  key_prefix: string;
  attempt: number;
  failed_attempts: number;
  claim_held: number;
  turn: number;
  begun: number;
  store_upload_id: string | null;
  parts: string;
  left_out: string;
  failure_code: ArchiveFailure["code"] | null;
  failure_detail: string | null;
}

const archiveOf = (row: ArchiveRow): ArchiveRecord => ({
  id: row.id,
  ownerId: row.owner_id,
  request: JSON.parse(row.request) as ArchiveRequest,
  state: row.claim_held === 1 ? "making" : row.state,
  createdAtMs: row.created_at,
  endsAtMs: row.ends_at,
  parts: JSON.parse(row.parts) as ArchivePart[],
  leftOut: JSON.parse(row.left_out) as LeftOutFile[],
  ...(row.failure_code === null
    ? {}
    : { failure: { code: row.failure_code, detail: row.failure_detail ?? "" } }),
});

const ownersLastTurn = `SELECT o.turn FROM archives o INDEXED BY archives_turns_of_owner
  WHERE o.state = 'waiting' AND o.owner_id = ?2 ORDER BY o.turn DESC LIMIT 1`;

export function askArchive(context: CommandContext, command: Command<"askArchive">): Outcome<"askArchive"> {
  const { connection, clock } = context;
  const { id, ownerId, request, keyPrefix, lifetimeMs, maxPerOwner } = command;
  const live = connection.get<{ found: number }>(
    `SELECT count(*) AS found FROM archives a INDEXED BY archives_by_owner WHERE a.owner_id = ?
       AND (a.state IN ('waiting', 'ready')
         OR EXISTS (SELECT 1 FROM doomed_objects d WHERE d.key > a.key_prefix AND d.key < a.key_prefix || '~'))`,
    ownerId,
  );
  if ((live?.found ?? 0) >= maxPerOwner) return { outcome: "too-many" };
  const nowMs = clock.nowMs();
  const row = connection.get<ArchiveRow>(
    `INSERT INTO archives (id, owner_id, request, state, created_at, ends_at, key_prefix, lease_until, turn)
     VALUES (?1, ?2, ?3, 'waiting', ?4, ?5, ?6, ?4, ${nextTurn("archives", ownersLastTurn)})
     RETURNING *`,
    id,
    ownerId,
    JSON.stringify(request),
    nowMs,
    nowMs + lifetimeMs,
    keyPrefix,
  );
  if (!row) throw new Error("RETURNING gave no row.");
  addAuditEvent(context, { principalId: ownerId }, "archive.asked", id);
  return { outcome: "asked", archive: archiveOf(row) };
}

export function claimArchive(
  context: CommandContext,
  { leaseMs }: Command<"claimArchive">,
): ArchiveTask | undefined {
  const { connection, clock } = context;
  const nowMs = clock.nowMs();
  const before = connection.get<ArchiveRow>(
    `SELECT * FROM archives INDEXED BY archives_turns
     WHERE state = 'waiting' AND turn >= 0 AND (lease_until <= ?1 OR lease_until > ?2) ORDER BY turn LIMIT 1`,
    nowMs,
    // Nothing waits for so long: the clock was set back after it was written.
    nowMs + Math.max(leaseMs, longestClaimWaitMs),
  );
  if (!before) return undefined;
  doomBegun(context, before);
  const row = connection.get<ArchiveRow>(
    `UPDATE archives SET attempt = attempt + 1, failed_attempts = failed_attempts + 1, lease_until = ?, claim_held = 1,
       begun = 0, store_upload_id = NULL WHERE id = ? RETURNING *`,
    nowMs + leaseMs,
    before.id,
  );
  if (!row) throw new Error("An archive vanished within a transaction.");
  noteClaimedTurn(context, "archives", row.turn);
  return {
    archiveId: row.id,
    attempt: row.attempt,
    archive: archiveOf(row),
    failedAttempts: row.failed_attempts,
    keyPrefix: row.key_prefix,
    ...(before.store_upload_id === null
      ? {}
      : {
          abandoned: {
            key: archivePartKey(before.key_prefix, before.attempt, before.begun),
            storeUploadId: before.store_upload_id,
          },
        }),
  };
}

const held = "id = ? AND state = 'waiting' AND claim_held = 1 AND attempt = ?";
const claimOf = ({ archiveId, attempt }: ArchiveClaim) => [archiveId, attempt] as const;

export const renewArchive = (
  { connection, clock }: CommandContext,
  command: Command<"renewArchive">,
): boolean =>
  connection.run(
    `UPDATE archives SET lease_until = ? WHERE ${held}`,
    clock.nowMs() + command.leaseMs,
    ...claimOf(command),
  ) === 1;

export function beginArchivePart(
  { connection }: CommandContext,
  command: Command<"beginArchivePart">,
): boolean {
  const begun = connection.run(
    `UPDATE archives SET begun = ?, store_upload_id = ? WHERE ${held}`,
    command.number,
    command.storeUploadId,
    ...claimOf(command),
  );
  if (begun === 0) return false;
  connection.run(
    "INSERT OR IGNORE INTO archive_entries (archive_id, file_id) SELECT ?, value FROM json_each(?)",
    command.archiveId,
    JSON.stringify(command.fileIds),
  );
  return true;
}

export function releaseArchive(context: CommandContext, command: Command<"releaseArchive">): boolean {
  const { connection, clock } = context;
  const row = connection.get<ArchiveRow>(`SELECT * FROM archives WHERE ${held}`, ...claimOf(command));
  if (!row) return false;
  doomBegun(context, row);
  connection.run(
    `UPDATE archives SET lease_until = ?, claim_held = 0, begun = 0, store_upload_id = NULL,
       failed_attempts = failed_attempts - ? WHERE id = ?`,
    clock.nowMs() + command.retryInMs,
    command.consumed ? 0 : 1,
    row.id,
  );
  return true;
}

export function finishArchive(
  context: CommandContext,
  command: Command<"finishArchive">,
): Outcome<"finishArchive"> {
  const { connection, clock } = context;
  const row = connection.get<ArchiveRow>(`SELECT * FROM archives WHERE ${held}`, ...claimOf(command));
  if (!row) return "stale";
  const { result } = command;
  const isMade = result.kind === "made";
  if (!isMade) doomBegun(context, row);
  connection.run(
    // What has become of it since it was planned is seen to when it is decided once more, soon.
    `UPDATE archives SET state = ?, doubts = doubts + 1, ends_at = ?, claim_held = 0, begun = 0, store_upload_id = NULL, parts = ?, left_out = ?,
       failure_code = ?, failure_detail = ? WHERE id = ?`,
    isMade ? "ready" : "failed",
    clock.nowMs() + command.lifetimeMs,
    JSON.stringify(isMade ? result.parts : []),
    JSON.stringify(isMade ? result.leftOut : []),
    isMade ? null : result.code,
    isMade ? null : result.detail,
    row.id,
  );
  addAuditEvent(context, "system", isMade ? "archive.made" : "archive.failed", row.id);
  return "finished";
}

export function outdateArchive(context: CommandContext, archiveId: string): boolean {
  const row = context.connection.get<ArchiveRow>(
    "SELECT * FROM archives WHERE id = ? AND state = 'ready'",
    archiveId,
  );
  if (!row) return false;
  doomParts(context, row);
  context.connection.run("UPDATE archives SET state = 'stale', parts = '[]' WHERE id = ?", archiveId);
  addAuditEvent(context, "system", "archive.outdated", archiveId);
  return true;
}

export const listReadyArchives = (
  { connection }: CommandContext,
  { after = "", limit }: Command<"listReadyArchives">,
): ArchiveRecord[] =>
  connection
    .all<ArchiveRow>(
      "SELECT * FROM archives INDEXED BY archives_ready WHERE state = 'ready' AND id > ? ORDER BY id LIMIT ?",
      after,
      limit,
    )
    .map(archiveOf);

export const listDoubtedArchives = (
  { connection }: CommandContext,
  { after = "", limit }: Command<"listDoubtedArchives">,
): DoubtedArchive[] =>
  connection
    .all<ArchiveRow & { doubts: number }>(
      `SELECT * FROM archives INDEXED BY archives_doubted WHERE state = 'ready' AND doubts > 0 AND id > ?
       ORDER BY id LIMIT ?`,
      after,
      limit,
    )
    .map((row) => ({ archive: archiveOf(row), doubts: row.doubts }));

export function settleArchive(
  { connection }: CommandContext,
  { id, doubts }: Command<"settleArchive">,
): void {
  connection.run("UPDATE archives SET doubts = 0 WHERE id = ? AND doubts = ?", id, doubts);
}

export function findArchive({ connection }: CommandContext, archiveId: string): ArchiveRecord | undefined {
  const row = connection.get<ArchiveRow>("SELECT * FROM archives WHERE id = ?", archiveId);
  return row && archiveOf(row);
}

export function endArchives(context: CommandContext, { limit, ownerId }: Command<"endArchives">): number {
  const { connection, clock } = context;
  const ended =
    ownerId === undefined
      ? connection.all<ArchiveRow>(
          "SELECT * FROM archives INDEXED BY archives_by_end WHERE ends_at <= ? ORDER BY ends_at LIMIT ?",
          clock.nowMs(),
          limit,
        )
      : connection.all<ArchiveRow>("SELECT * FROM archives WHERE owner_id = ? LIMIT ?", ownerId, limit);
  for (const row of ended) {
    doomBegun(context, row);
    doomParts(context, row);
    connection.run("DELETE FROM archive_entries WHERE archive_id = ?", row.id);
    connection.run("DELETE FROM archives WHERE id = ?", row.id);
    addAuditEvent(context, "system", "archive.expired", row.id, null, { ownerId: row.owner_id });
  }
  return ended.length;
}

/** What the newest attempt has begun: whoever makes it may still be writing. */
function doomBegun(context: CommandContext, { key_prefix, attempt, begun }: ArchiveRow): void {
  for (let number = 1; number <= begun; number += 1)
    doom(context, archivePartKey(key_prefix, attempt, number), context.clock.nowMs() + lateWriterMs);
}

function doomParts(context: CommandContext, { parts }: ArchiveRow): void {
  for (const { key } of JSON.parse(parts) as ArchivePart[]) doom(context, key, context.clock.nowMs());
}
