import { longestClaimWaitMs, type MetadataStore, type UploadRecord } from "@stowage/core";
import { type UploadRow, uploadOf } from "../rows.ts";
import { giveShotBack } from "./album-files.ts";
import { addAuditEvent, addUploadEvent, type CommandContext, doom, forgetDeclaredParts } from "./context.ts";
import { isGuest, mayAdd } from "./guest-rights.ts";
import { keepVersion } from "./keep-version.ts";
import { nextTurn, noteClaimedTurn, ownersLastUploadTurn } from "./queue-turns.ts";

type Command<Name extends keyof MetadataStore> = MetadataStore[Name] extends (command: infer C) => unknown
  ? C
  : never;

const isQueued = "state IN ('uploaded', 'verifying')";

/**
 * `lease_until` of what waits is when it may be claimed. What has been given back, or is in somebody's hands, is passed over
 * along the index of turns: which is done only where something is due.
 */
const selectNext = `CASE WHEN EXISTS (SELECT 1 FROM uploads INDEXED BY uploads_queue WHERE ${isQueued} AND lease_until <= ?2)
  THEN (SELECT id FROM uploads INDEXED BY uploads_turns WHERE ${isQueued} AND turn >= 0 AND lease_until <= ?2
        ORDER BY turn, lease_until, id LIMIT 1)
  ELSE (SELECT id FROM uploads INDEXED BY uploads_queue WHERE ${isQueued} AND lease_until > ?3
        ORDER BY lease_until DESC, id DESC LIMIT 1) END`;

/** `leaseOfMs` of core, as SQL. */
const leaseOf = (leaseMs: string, lostClaims: string): string =>
  `min(${leaseMs} * (1 << min(4, max(0, ${lostClaims} - 2))), max(${leaseMs}, ${longestClaimWaitMs}))`;

export function claimUpload(
  context: CommandContext,
  { leaseMs }: { readonly leaseMs: number },
): UploadRecord | undefined {
  const { connection, clock } = context;
  const nowMs = clock.nowMs();
  const row = connection.get<UploadRow & { turn: number }>(
    `UPDATE uploads SET state = 'verifying', attempt = attempt + 1,
       failed_attempts = failed_attempts + 1 - claim_held, lost_claims = lost_claims + claim_held,
       lease_until = ?2 + ${leaseOf("?1", "lost_claims + claim_held")}, claim_held = 1
     WHERE id = ${selectNext} RETURNING *`,
    leaseMs,
    nowMs,
    // Nothing waits for so long: the clock was set back after it was written.
    nowMs + Math.max(leaseMs, longestClaimWaitMs),
  );
  if (!row) return undefined;
  noteClaimedTurn(context, "uploads", row.turn);
  const upload = uploadOf(row);
  addUploadEvent(context, upload.id, "verifying", "");
  addAuditEvent(context, "system", "upload.claimed", upload.id);
  return upload;
}

export function renewClaim({ connection, clock }: CommandContext, command: Command<"renewClaim">): boolean {
  return (
    connection.run(
      `UPDATE uploads SET lease_until = ?1 + ${leaseOf("?2", "lost_claims")}
       WHERE id = ?3 AND state = 'verifying' AND attempt = ?4 AND claim_held = 1`,
      clock.nowMs(),
      command.leaseMs,
      command.uploadId,
      command.attempt,
    ) === 1
  );
}

export function releaseClaim(context: CommandContext, command: Command<"releaseClaim">): boolean {
  const { connection, clock } = context;
  const changed = connection.run(
    `UPDATE uploads SET lease_until = ?, claim_held = 0, failed_attempts = failed_attempts - ?
       ${command.consumed ? "" : `, turn = ${nextTurn("uploads", ownersLastUploadTurn)}`}
     WHERE id = ? AND state = 'verifying' AND attempt = ? AND claim_held = 1`,
    clock.nowMs() + command.retryInMs,
    command.consumed ? 0 : 1,
    command.uploadId,
    command.attempt,
  );
  if (changed === 0) return false;
  addUploadEvent(context, command.uploadId, "postponed", command.detail);
  addAuditEvent(context, "system", "upload.postponed", command.uploadId);
  return true;
}

const isHeld = "state = 'verifying' AND claim_held = 1";

/**
 * Of what was sent to an album by who may not add to it any more: a person's becomes a file of theirs, unless the album is sealed. `?2` is
 * the time.
 */
const mayBecomeFile = `(album_id IS NULL OR (${mayAdd("uploads.owner_id", "uploads.album_id", "?2")})
  OR NOT (${isGuest("uploads.owner_id")} OR EXISTS (SELECT 1 FROM albums s WHERE s.id = uploads.album_id
    AND s.reveal_at IS NOT NULL AND s.revealed_at IS NULL)))`;

export function finishUpload(
  context: CommandContext,
  command: Command<"finishUpload">,
): "finished" | "stale" | "not-in-album" {
  const { connection, clock } = context;
  const { result } = command;
  const rejection = result.kind === "rejected" ? result.rejection : undefined;
  const row = connection.get<UploadRow>(
    `UPDATE uploads SET state = ?1, ended_at = ?2, reservation_held = 0, claim_held = 0, lease_until = NULL,
       rejection_code = ?3, rejection_detail = ?4, sha256 = coalesce(?5, sha256)
     WHERE id = ?6 AND attempt = ?7 AND ${isHeld} AND (?1 <> 'ready' OR ${mayBecomeFile}) RETURNING *`,
    result.kind,
    clock.nowMs(),
    rejection?.code ?? null,
    rejection?.detail ?? null,
    result.kind === "ready" ? result.facts.sha256 : null,
    command.uploadId,
    command.attempt,
  );
  if (!row)
    return connection.get(
      `SELECT 1 FROM uploads WHERE id = ? AND attempt = ? AND ${isHeld}`,
      command.uploadId,
      command.attempt,
    )
      ? "not-in-album"
      : "stale";
  const upload = uploadOf(row);
  if (upload.multipart) forgetDeclaredParts(context, upload.id);
  if (result.kind === "rejected") giveShotBack(context, upload.albumId, upload.ownerId);
  const kept = result.kind === "ready" ? keepVersion(context, upload, result.facts) : undefined;
  connection.run(
    `UPDATE principals SET open_uploads = open_uploads - 1, reserved_bytes = reserved_bytes - ?,
       used_bytes = used_bytes + ?, used_files = used_files + ? WHERE id = ?`,
    upload.sizeBytes,
    result.kind === "ready" ? result.facts.sizeBytes : 0,
    kept?.isNewFile ? 1 : 0,
    upload.ownerId,
  );
  for (const { key, notBeforeMs } of command.dooms) doom(context, key, notBeforeMs);
  addUploadEvent(
    context,
    upload.id,
    result.kind,
    rejection?.detail ??
      (result.kind === "ready" ? result.detail + (kept?.detail ? ` ${kept.detail}` : "") : ""),
  );
  addAuditEvent(context, "system", result.kind === "ready" ? "upload.ready" : "upload.rejected", upload.id);
  return "finished";
}
