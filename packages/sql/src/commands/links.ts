import type { LinkRecord, LinkTarget, MetadataStore, PassphraseLimit } from "@stowage/core";
import { ownedBy, personOf } from "./album-owners.ts";
import { insertCapability } from "./capabilities.ts";
import { addAuditEvent, type CommandContext } from "./context.ts";
import { notDeleted } from "./deleted-people.ts";
import { findRepeat, rememberKey } from "./idempotency-keys.ts";

type Command<Name extends keyof MetadataStore> = Parameters<MetadataStore[Name]>[0];
type Result<Name extends keyof MetadataStore> = Awaited<ReturnType<MetadataStore[Name]>>;

interface LinkRow {
  id: string;
  target_kind: LinkTarget["kind"];
  target_id: string;
  created_by: string;
  passphrase_hash: string | null;
  created_at: number;
  ends_at: number;
  max_opens: number | null;
  opens: number;
  tries: number;
  tries_since: number;
}

const columns = `id, target_kind, target_id, created_by, passphrase_hash, created_at, ends_at, max_opens, opens, tries,
  tries_since`;

const linkOf = (row: LinkRow): LinkRecord => ({
  id: row.id,
  target: { kind: row.target_kind, id: row.target_id },
  createdBy: row.created_by,
  createdAtMs: row.created_at,
  endsAtMs: row.ends_at,
  hasPassphrase: row.passphrase_hash !== null,
  ...(row.max_opens === null ? {} : { maxOpens: row.max_opens }),
  opens: row.opens,
});

const detailOf = (id: string): string => JSON.stringify({ linkId: id });

export function createLink(context: CommandContext, command: Command<"createLink">): Result<"createLink"> {
  const { connection, clock } = context;
  const { target, createdBy, idempotency } = command;
  const known = idempotency && findRepeat(context, createdBy, idempotency);
  if (known?.outcome === "repeat") {
    const made = connection.get<LinkRow>(`SELECT ${columns} FROM links WHERE id = ?`, known.resourceId);
    return { outcome: "repeat", ...(made && { link: linkOf(made) }) };
  }
  if (known) return known;
  const nowMs = clock.nowMs();
  const row = connection.get<LinkRow>(
    `INSERT INTO links (id, target_kind, target_id, created_by, token_hash, passphrase_hash, created_at, ends_at, max_opens)
     SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 FROM ${sharedBy(target, "?3", "?4")}
     AND (SELECT count(*) FROM links WHERE target_kind = ?2 AND target_id = ?3 AND ends_at > ?7) < ?10
     RETURNING ${columns}`,
    command.id,
    target.kind,
    target.id,
    createdBy,
    command.tokenDigest,
    command.passphraseHash ?? null,
    nowMs,
    command.endsAtMs,
    command.maxOpens ?? null,
    command.maxPerTarget,
  );
  if (row) {
    if (idempotency) rememberKey(context, createdBy, idempotency, row.id);
    addAuditEvent(context, { principalId: createdBy }, "link.created", target.id, detailOf(row.id));
    return { outcome: "created", link: linkOf(row) };
  }
  const theirs = connection.get(`SELECT 1 FROM ${sharedBy(target, "?1", "?2")}`, target.id, createdBy);
  return { outcome: theirs ? "too-many" : "missing" };
}

/** The one row that says that a target may be shared by a person. */
const sharedBy = ({ kind }: LinkTarget, id: string, personId: string): string =>
  kind === "file"
    ? `files WHERE id = ${id} AND owner_id = ${personId} AND state = 'ready'`
    : `album_members m CROSS JOIN albums a ON a.id = m.album_id WHERE m.album_id = ${id} AND m.user_id = ${personId}
         AND m.role = 'owner' AND (a.reveal_at IS NULL OR a.revealed_at IS NOT NULL)`;

export function listLinks(
  { connection }: CommandContext,
  { target, after = { createdAtMs: Number.MAX_SAFE_INTEGER, id: "" }, limit }: Command<"listLinks">,
): LinkRecord[] {
  return connection
    .all<LinkRow>(
      `SELECT ${columns} FROM links WHERE target_kind = ? AND target_id = ? AND (created_at, id) < (?, ?)
       ORDER BY created_at DESC, id DESC LIMIT ?`,
      target.kind,
      target.id,
      after.createdAtMs,
      after.id,
      limit,
    )
    .map(linkOf);
}

export function revokeLink(context: CommandContext, { id, target, actor }: Command<"revokeLink">): boolean {
  const deleted = context.connection.run(
    `DELETE FROM links WHERE id = ?1 AND target_kind = ?2 AND target_id = ?3 AND (?2 = 'file' OR ${ownedBy("?4", "?3")})`,
    id,
    target.kind,
    target.id,
    personOf(actor),
  );
  if (deleted === 0) return false;
  addAuditEvent(context, actor, "link.revoked", target.id, detailOf(id));
  return true;
}

/** Of one person's, who may not make any more; within the transaction that says so. */
export const deleteLinksBy = (
  { connection }: CommandContext,
  { kind, id }: LinkTarget,
  createdBy: string,
): number =>
  connection.run(
    "DELETE FROM links WHERE target_kind = ? AND target_id = ? AND created_by = ?",
    kind,
    id,
    createdBy,
  );

/** Of what is deleted itself, within its transaction. */
export const deleteLinksTo = ({ connection }: CommandContext, { kind, id }: LinkTarget): number =>
  connection.run("DELETE FROM links WHERE target_kind = ? AND target_id = ?", kind, id);

/** Until when too many wrong passphrases keep it shut; 0: they don't. What seems to be longer off was written by a clock that was set back since. */
function lockedUntilMs(
  { tries, tries_since }: Pick<LinkRow, "tries" | "tries_since">,
  { maxWrong, windowMs }: PassphraseLimit,
  nowMs: number,
): number {
  const untilMs = tries_since + windowMs;
  return tries >= maxWrong && untilMs > nowMs && tries_since <= nowMs + windowMs ? untilMs : 0;
}

/** As {@link lockedUntilMs} says, of now `?1`, `maxWrong` `?2` and `windowMs` `?3`. */
const isInWindow = "(tries_since + ?3 > ?1 AND tries_since <= ?1 + ?3)";
const isLocked = `(tries >= ?2 AND ${isInWindow})`;
const isOpen = `ends_at > ?1 AND (max_opens IS NULL OR opens < max_opens) AND ${notDeleted("created_by")}`;

export function findLinkToOpen(
  { connection, clock }: CommandContext,
  { tokenDigest, ...limit }: Command<"findLinkToOpen">,
): Result<"findLinkToOpen"> {
  const nowMs = clock.nowMs();
  const row = connection.get<LinkRow>(
    `SELECT ${columns} FROM links WHERE ${isOpen} AND token_hash = ?2`,
    nowMs,
    tokenDigest,
  );
  if (!row) return undefined;
  const lockedMs = lockedUntilMs(row, limit, nowMs);
  return {
    link: linkOf(row),
    ...(row.passphrase_hash === null ? {} : { passphraseHash: row.passphrase_hash }),
    ...(lockedMs === 0 ? {} : { lockedUntilMs: lockedMs }),
  };
}

export function openLink(context: CommandContext, command: Command<"openLink">): Result<"openLink"> {
  const { connection, clock } = context;
  const nowMs = clock.nowMs();
  const row = connection.get<LinkRow>(
    `UPDATE links SET opens = opens + 1 WHERE id = ?4 AND ${isOpen} AND NOT ${isLocked} RETURNING ${columns}`,
    nowMs,
    command.maxWrong,
    command.windowMs,
    command.id,
  );
  if (!row) return shut(context, command);
  const link = linkOf(row);
  const endsAtMs = Math.min(nowMs + command.lifetimeMs, link.endsAtMs);
  insertCapability(context, {
    kind: "link",
    id: command.capabilityId,
    linkId: link.id,
    scopes: ["files:read"],
    endsAtMs,
  });
  addAuditEvent(context, "anonymous", "link.opened", link.target.id, detailOf(link.id));
  return { outcome: "opened", link, endsAtMs };
}

export function countWrongPassphrase(
  context: CommandContext,
  command: Command<"countWrongPassphrase">,
): Result<"countWrongPassphrase"> {
  const row = context.connection.get<LinkRow>(
    `UPDATE links SET tries = CASE WHEN ${isInWindow} THEN tries + 1 ELSE 1 END,
       tries_since = CASE WHEN tries > 0 AND ${isInWindow} THEN tries_since ELSE ?1 END
     WHERE id = ?4 AND ${isOpen} AND NOT ${isLocked} RETURNING ${columns}`,
    context.clock.nowMs(),
    command.maxWrong,
    command.windowMs,
    command.id,
  );
  if (!row) return shut(context, command);
  if (row.tries >= command.maxWrong)
    addAuditEvent(context, "anonymous", "link.locked", row.target_id, detailOf(row.id));
  return { outcome: "counted" };
}

/** Why a link that is there was not opened: the first of these that is so. */
function shut(
  { connection, clock }: CommandContext,
  { id, ...limit }: { readonly id: string } & PassphraseLimit,
): { readonly outcome: "locked"; readonly untilMs: number } | { readonly outcome: "missing" } {
  const nowMs = clock.nowMs();
  const row = connection.get<LinkRow>(`SELECT ${columns} FROM links WHERE ${isOpen} AND id = ?2`, nowMs, id);
  const untilMs = row ? lockedUntilMs(row, limit, nowMs) : 0;
  return untilMs === 0 ? { outcome: "missing" } : { outcome: "locked", untilMs };
}

export const forgetEndedLinks = (
  { connection }: CommandContext,
  { endedBeforeMs, limit }: Command<"forgetEndedLinks">,
): number =>
  connection.run(
    "DELETE FROM links WHERE id IN (SELECT id FROM links WHERE ends_at < ? ORDER BY ends_at LIMIT ?)",
    endedBeforeMs,
    limit,
  );
