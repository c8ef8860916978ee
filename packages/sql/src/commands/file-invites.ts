import {
  type FileInviteRecord,
  type GrantOutcome,
  type InviteCommands,
  type InviteToFile,
  inviteLifetimeMs,
} from "@stowage/core";
import { addAuditEvent, type CommandContext, readFile } from "./context.ts";
import { notDeleted } from "./deleted-people.ts";
import { findGrant, putGrant } from "./grants.ts";

type Command<Name extends keyof InviteCommands> = Parameters<InviteCommands[Name]>[0];
type Outcome<Name extends keyof InviteCommands> = Awaited<ReturnType<InviteCommands[Name]>>;

interface InviteRow {
  id: string;
  file_id: string;
  email: string;
  email_key: string;
  created_at: number;
  expires_at: number;
  grant_ends_at: number | null;
}

const inviteOf = (row: InviteRow): FileInviteRecord => ({
  id: row.id,
  fileId: row.file_id,
  email: row.email,
  emailKey: row.email_key,
  createdAtMs: row.created_at,
  expiresAtMs: row.expires_at,
  ...(row.grant_ends_at === null ? {} : { grantEndsAtMs: row.grant_ends_at }),
});

const detailOf = (inviteId: string): string => JSON.stringify({ inviteId });

export function inviteToFile(
  context: CommandContext,
  command: Command<"inviteToFile">,
): Outcome<"inviteToFile"> {
  const { connection, clock } = context;
  const { fileId, emailKey, actor } = command;
  const nowMs = clock.nowMs();
  const counted = connection.run(
    `UPDATE files SET invites = invites + 1 WHERE id = ?1 AND state = 'ready' AND invites < ?3
       AND NOT EXISTS (SELECT 1 FROM file_invites WHERE file_id = ?1 AND email_key = ?2)`,
    fileId,
    emailKey,
    command.maxInvites,
  );
  const said = connection.get<{ at: number | null }>(
    "SELECT max(said_at) AS at FROM ended_grants WHERE file_id = ?",
    fileId,
  );
  // Later than what was said of the file before, by whatever clock.
  const createdAtMs = Math.max(nowMs, (said?.at ?? 0) + 1);
  const values = [
    command.email,
    createdAtMs,
    nowMs + command.lifetimeMs,
    command.grantEndsAtMs ?? null,
  ] as const;
  if (counted === 1)
    connection.run(
      `INSERT INTO file_invites (id, file_id, email_key, email, created_at, expires_at, grant_ends_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      command.newId,
      fileId,
      emailKey,
      ...values,
    );
  else {
    const renewed = connection.run(
      `UPDATE file_invites SET email = ?3, created_at = ?4, expires_at = ?5, grant_ends_at = ?6
       WHERE file_id = ?1 AND email_key = ?2 AND EXISTS (SELECT 1 FROM files WHERE id = ?1 AND state = 'ready')`,
      fileId,
      emailKey,
      ...values,
    );
    if (renewed === 0) {
      const file = readFile(context, fileId);
      if (!file) return { outcome: "missing" };
      return file.state === "ready" ? { outcome: "too-many" } : { outcome: "not-ready", file };
    }
  }
  const row = connection.get<InviteRow>(
    "SELECT * FROM file_invites WHERE file_id = ? AND email_key = ?",
    fileId,
    emailKey,
  );
  if (!row) throw new Error("An invite vanished within a transaction.");
  addAuditEvent(context, actor, "file.invited", fileId, detailOf(row.id));
  return { outcome: "invited", invite: inviteOf(row) };
}

export const listFileInvites = (
  { connection }: CommandContext,
  { fileId, after = "", limit }: Command<"listFileInvites">,
): FileInviteRecord[] =>
  connection
    .all<InviteRow>(
      "SELECT * FROM file_invites WHERE file_id = ? AND id > ? ORDER BY id LIMIT ?",
      fileId,
      after,
      limit,
    )
    .map(inviteOf);

export function withdrawFileInvite(
  context: CommandContext,
  { fileId, inviteId, actor }: Command<"withdrawFileInvite">,
): boolean {
  const row = context.connection.get<InviteRow>(
    "DELETE FROM file_invites WHERE id = ? AND file_id = ? RETURNING *",
    inviteId,
    fileId,
  );
  if (!row) return false;
  uncount(context, fileId);
  addAuditEvent(context, actor, "file.invite-withdrawn", fileId, detailOf(inviteId));
  return true;
}

const uncount = ({ connection }: CommandContext, fileId: string): number =>
  connection.run("UPDATE files SET invites = invites - 1 WHERE id = ?", fileId);

export const listInvitesFor = (
  { connection, clock }: CommandContext,
  { emailKey, after = "", limit }: Command<"listInvitesFor">,
): InviteToFile[] =>
  connection
    .all<InviteRow & { owner_id: string; name: string }>(
      `SELECT i.*, f.owner_id, f.name FROM file_invites i CROSS JOIN files f ON f.id = i.file_id
       WHERE i.email_key = ? AND i.id > ? AND i.expires_at > ? AND f.state = 'ready' AND ${notDeleted("f.owner_id")} ORDER BY i.id LIMIT ?`,
      emailKey,
      after,
      clock.nowMs(),
      limit,
    )
    .map((row) => ({
      invite: inviteOf(row),
      file: { id: row.file_id, ownerId: row.owner_id, name: row.name },
    }));

export function acceptInvite(
  context: CommandContext,
  { inviteId, emailKey, userId, maxGrants }: Command<"acceptInvite">,
): Outcome<"acceptInvite"> {
  const { connection, clock } = context;
  const row = connection.get<InviteRow>(
    `SELECT i.* FROM file_invites i CROSS JOIN files f ON f.id = i.file_id
     WHERE i.id = ? AND i.email_key = ? AND i.expires_at > ? AND f.state = 'ready' AND f.owner_id <> ?
       AND ${notDeleted("f.owner_id")} AND coalesce(i.grant_ends_at > ?3, 1)
       AND NOT EXISTS (SELECT 1 FROM ended_grants e WHERE e.file_id = i.file_id AND e.user_id = ?4 AND e.said_at >= i.created_at)
       AND NOT EXISTS (SELECT 1 FROM file_grants g
         WHERE g.file_id = i.file_id AND g.user_id = ?4 AND g.granted_at >= i.created_at AND g.ends_at <= ?3)`,
    inviteId,
    emailKey,
    clock.nowMs(),
    userId,
  );
  if (!row) return { outcome: "missing" };
  const { fileId, grantEndsAtMs, createdAtMs } = inviteOf(row);
  const end = grantEndsAtMs === undefined ? {} : { endsAtMs: grantEndsAtMs };
  const known = findGrant(context, { fileId, userId });
  const outcome: GrantOutcome =
    known && known.grantedAtMs >= createdAtMs
      ? { outcome: "unchanged", grant: known }
      : putGrant(context, { fileId, userId, maxGrants, invitedAs: row.email, ...end });
  if (outcome.outcome === "too-many") return { outcome: "too-many" };
  if (!("grant" in outcome)) throw new Error("A file changed within a transaction.");
  connection.run("DELETE FROM file_invites WHERE id = ?", inviteId);
  uncount(context, fileId);
  const detail = {
    userId,
    ...(outcome.grant.endsAtMs === undefined ? {} : { endsAt: outcome.grant.endsAtMs }),
    inviteId,
  };
  addAuditEvent(context, { principalId: userId }, "file.granted", fileId, JSON.stringify(detail));
  return { outcome: "accepted", grant: outcome.grant };
}

export function declineInvite(
  context: CommandContext,
  { inviteId, emailKey, actor }: Command<"declineInvite">,
): boolean {
  const row = context.connection.get<InviteRow>(
    "DELETE FROM file_invites WHERE id = ? AND email_key = ? AND expires_at > ? RETURNING *",
    inviteId,
    emailKey,
    context.clock.nowMs(),
  );
  if (!row) return false;
  uncount(context, row.file_id);
  addAuditEvent(context, actor, "file.invite-declined", row.file_id, detailOf(inviteId));
  return true;
}

/** All that wait for an address, those that have run out too. */
export function declineInvitesTo(
  context: CommandContext,
  { emailKey, actor }: Pick<Command<"declineInvite">, "emailKey" | "actor">,
): void {
  const declined = context.connection.all<InviteRow>(
    "DELETE FROM file_invites WHERE email_key = ? RETURNING *",
    emailKey,
  );
  for (const { id, file_id } of declined) {
    uncount(context, file_id);
    addAuditEvent(context, actor, "file.invite-declined", file_id, detailOf(id));
  }
}

export function forgetEndedInvites(context: CommandContext, limit: number): number {
  const ended = context.connection.all<InviteRow>(
    "SELECT * FROM file_invites WHERE expires_at <= ? ORDER BY expires_at LIMIT ?",
    context.clock.nowMs(),
    limit,
  );
  for (const { id, file_id } of ended) {
    context.connection.run("DELETE FROM file_invites WHERE id = ?", id);
    uncount(context, file_id);
  }
  const old = context.connection.run(
    `DELETE FROM ended_grants WHERE (file_id, user_id) IN
     (SELECT file_id, user_id FROM ended_grants WHERE said_at <= ? ORDER BY said_at LIMIT ?)`,
    context.clock.nowMs() - inviteLifetimeMs,
    limit - ended.length,
  );
  return ended.length + old;
}
