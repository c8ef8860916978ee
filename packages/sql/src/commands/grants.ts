import type {
  AccountCommands,
  GlassBreakRecord,
  GrantOutcome,
  GrantRecord,
  SharingCommands,
} from "@stowage/core";
import { addAuditEvent, type CommandContext, readFile } from "./context.ts";
import { indexFile } from "./index-file.ts";

type Command<Name extends keyof SharingCommands> = Parameters<SharingCommands[Name]>[0];

interface GrantRow {
  file_id: string;
  user_id: string;
  granted_at: number;
  ends_at: number | null;
  invited_as: string | null;
}

interface GlassBreakRow {
  file_id: string;
  user_id: string;
  broken_at: number;
  ends_at: number;
  reason: string;
}

/** Of a file's row: how many rows there are of it beside. */
export interface SharedRow {
  id: string;
  grants: number;
  glass_breaks: number;
  invites: number;
}

const grantOf = ({ file_id, user_id, granted_at, ends_at, invited_as }: GrantRow): GrantRecord => ({
  fileId: file_id,
  userId: user_id,
  grantedAtMs: granted_at,
  ...(ends_at === null ? {} : { endsAtMs: ends_at }),
  ...(invited_as === null ? {} : { invitedAs: invited_as }),
});

const glassBreakOf = (row: GlassBreakRow): GlassBreakRecord => ({
  fileId: row.file_id,
  userId: row.user_id,
  atMs: row.broken_at,
  endsAtMs: row.ends_at,
  reason: row.reason,
});

type PutGrant = Omit<Command<"grantFile">, "actor"> & Pick<GrantRecord, "invitedAs">;

export function grantFile(context: CommandContext, command: Command<"grantFile">): GrantOutcome {
  const { fileId, userId, endsAtMs } = command;
  const outcome = putGrant(context, command);
  if (outcome.outcome !== "granted") return outcome;
  const detail = JSON.stringify({ userId, ...(endsAtMs === undefined ? {} : { endsAt: endsAtMs }) });
  addAuditEvent(context, command.actor, "file.granted", fileId, detail);
  return outcome;
}

/** Without its audit event. */
export function putGrant(context: CommandContext, command: PutGrant): GrantOutcome {
  const { connection, clock } = context;
  const { fileId, userId, endsAtMs, maxGrants, invitedAs } = command;
  const values = [clock.nowMs(), endsAtMs ?? null, invitedAs ?? null] as const;
  const counted = connection.run(
    `UPDATE files SET grants = grants + 1 WHERE id = ?1 AND state = 'ready' AND grants < ?3
       AND NOT EXISTS (SELECT 1 FROM file_grants WHERE file_id = ?1 AND user_id = ?2)`,
    fileId,
    userId,
    maxGrants,
  );
  if (counted === 1) {
    connection.run(
      "INSERT INTO file_grants (file_id, user_id, granted_at, ends_at, invited_as) VALUES (?, ?, ?, ?, ?)",
      fileId,
      userId,
      ...values,
    );
    indexFile(context, fileId);
  } else {
    const changed = connection.run(
      `UPDATE file_grants SET granted_at = ?3, ends_at = ?4, invited_as = coalesce(?5, invited_as) WHERE file_id = ?1 AND user_id = ?2
         AND (ends_at IS NOT ?4 OR granted_at < ?3 AND EXISTS
           (SELECT 1 FROM file_invites i WHERE i.file_id = ?1 AND i.created_at > file_grants.granted_at))
         AND EXISTS (SELECT 1 FROM files WHERE id = ?1 AND state = 'ready')`,
      fileId,
      userId,
      ...values,
    );
    if (changed === 0) return grantRefusal(context, command);
  }
  const grant = findGrant(context, command);
  if (!grant) throw new Error("A grant vanished within a transaction.");
  return { outcome: "granted", grant };
}

function grantRefusal(context: CommandContext, command: PutGrant): GrantOutcome {
  const file = readFile(context, command.fileId);
  if (!file) return { outcome: "missing" };
  if (file.state !== "ready") return { outcome: "not-ready", file };
  const grant = findGrant(context, command);
  return grant ? { outcome: "unchanged", grant } : { outcome: "too-many" };
}

export function findGrant(
  { connection }: CommandContext,
  { fileId, userId }: Pick<GrantRecord, "fileId" | "userId">,
): GrantRecord | undefined {
  const row = connection.get<GrantRow>(
    "SELECT * FROM file_grants WHERE file_id = ? AND user_id = ?",
    fileId,
    userId,
  );
  return row && grantOf(row);
}

export function revokeGrant(
  context: CommandContext,
  { fileId, userId, actor }: Command<"revokeGrant">,
): boolean {
  if (!forgetGrant(context, fileId, userId, context.clock.nowMs())) return false;
  addAuditEvent(context, actor, "file.revoked", fileId, JSON.stringify({ userId }));
  return true;
}

/**
 * @param saidAtMs when its owner said that it ends: no invite of before gives it back, nor one that was dated by a clock that was ahead
 */
function forgetGrant(context: CommandContext, fileId: string, userId: string, saidAtMs: number): boolean {
  const { connection, clock } = context;
  const deleted = connection.run("DELETE FROM file_grants WHERE file_id = ? AND user_id = ?", fileId, userId);
  if (deleted === 0) return false;
  connection.run("UPDATE files SET grants = grants - 1 WHERE id = ?", fileId);
  connection.run(
    `INSERT INTO ended_grants (file_id, user_id, said_at)
     SELECT ?1, ?2, max(?3, coalesce((SELECT max(created_at) FROM file_invites WHERE file_id = ?1 AND created_at > ?4), 0))
     FROM files WHERE id = ?1 AND invites > 0
     ON CONFLICT DO UPDATE SET said_at = max(said_at, excluded.said_at)`,
    fileId,
    userId,
    saidAtMs,
    clock.nowMs(),
  );
  indexFile(context, fileId);
  return true;
}

export const listGrants = (
  { connection }: CommandContext,
  { fileId, after = "", limit }: Command<"listGrants">,
): GrantRecord[] =>
  connection
    .all<GrantRow>(
      "SELECT * FROM file_grants WHERE file_id = ? AND user_id > ? ORDER BY user_id LIMIT ?",
      fileId,
      after,
      limit,
    )
    .map(grantOf);

export function breakGlass(
  context: CommandContext,
  { fileId, userId, lifetimeMs, reason }: Command<"breakGlass">,
): Awaited<ReturnType<SharingCommands["breakGlass"]>> {
  const { connection, clock } = context;
  const atMs = clock.nowMs();
  const counted = connection.run(
    `UPDATE files SET glass_breaks = glass_breaks + 1 -
       EXISTS (SELECT 1 FROM glass_breaks WHERE file_id = ?1 AND user_id = ?2 AND broken_at = ?3)
     WHERE id = ?1 AND state = 'ready'`,
    fileId,
    userId,
    atMs,
  );
  if (counted === 0) return { outcome: "missing" };
  const glassBreak = { fileId, userId, atMs, endsAtMs: atMs + lifetimeMs, reason };
  connection.run(
    "INSERT OR REPLACE INTO glass_breaks (file_id, user_id, broken_at, ends_at, reason) VALUES (?, ?, ?, ?, ?)",
    fileId,
    userId,
    atMs,
    glassBreak.endsAtMs,
    reason,
  );
  const detail = JSON.stringify({ endsAt: glassBreak.endsAtMs });
  addAuditEvent(context, { principalId: userId }, "file.glass-broken", fileId, detail);
  return { outcome: "broken", glassBreak };
}

export const listGlassBreaks = (
  { connection }: CommandContext,
  fileIds: Command<"listGlassBreaks">,
): GlassBreakRecord[] =>
  connection
    .all<GlassBreakRow>(
      "SELECT b.* FROM json_each(?) k CROSS JOIN glass_breaks b ON b.file_id = k.value",
      JSON.stringify([...new Set(fileIds)]),
    )
    .map(glassBreakOf);

export function forgetEndedGrants(
  context: CommandContext,
  { glassEndedBeforeMs, limit }: Command<"forgetEndedGrants">,
): number {
  const { connection, clock } = context;
  const ended = connection.all<GrantRow>(
    "SELECT * FROM file_grants WHERE ends_at <= ? ORDER BY ends_at LIMIT ?",
    clock.nowMs(),
    limit,
  );
  for (const { file_id, user_id, granted_at } of ended) forgetGrant(context, file_id, user_id, granted_at);
  const breaks = connection.all<GlassBreakRow>(
    "SELECT * FROM glass_breaks WHERE ends_at < ? ORDER BY ends_at LIMIT ?",
    glassEndedBeforeMs,
    limit - ended.length,
  );
  for (const { file_id, user_id, broken_at } of breaks) {
    connection.run(
      "DELETE FROM glass_breaks WHERE file_id = ? AND user_id = ? AND broken_at = ?",
      file_id,
      user_id,
      broken_at,
    );
    connection.run("UPDATE files SET glass_breaks = glass_breaks - 1 WHERE id = ?", file_id);
  }
  return ended.length + breaks.length;
}

export function revokeGrantsTo(
  context: CommandContext,
  { userId, limit }: Parameters<AccountCommands["revokeGrantsTo"]>[0],
): number {
  const given = context.connection.all<Pick<GrantRow, "file_id">>(
    "SELECT file_id FROM file_grants INDEXED BY file_grants_by_user WHERE user_id = ? LIMIT ?",
    userId,
    limit,
  );
  for (const { file_id } of given) revokeGrant(context, { fileId: file_id, userId, actor: "system" });
  return given.length;
}

/** Of a file that is gone. */
export function forgetGrants(
  { connection }: CommandContext,
  { id, grants, glass_breaks, invites }: SharedRow,
): void {
  if (invites > 0) {
    connection.run("DELETE FROM file_invites WHERE file_id = ?", id);
    connection.run("DELETE FROM ended_grants WHERE file_id = ?", id);
  }
  if (grants > 0) connection.run("DELETE FROM file_grants WHERE file_id = ?", id);
  if (glass_breaks > 0) connection.run("DELETE FROM glass_breaks WHERE file_id = ?", id);
}
