import type { MetadataStore, UploadRecord } from "@stowage/core";
import { giveShotBack } from "./album-files.ts";
import {
  addAuditEvent,
  addUploadEvent,
  type CommandContext,
  doom,
  forgetDeclaredParts,
  readUpload,
} from "./context.ts";
import { nextTurn, ownersLastUploadTurn } from "./queue-turns.ts";

export type Command<Name extends keyof MetadataStore> = MetadataStore[Name] extends (
  command: infer C,
) => unknown
  ? C
  : never;
export type Outcome<Name extends keyof MetadataStore> = MetadataStore[Name] extends (
  command: never,
) => Promise<infer O>
  ? O
  : never;

/** A PUT that began while its URL lived may end a little after it. */
export const landingGraceMs = 60_000;

export const missing = { outcome: "missing" } as const;

export function readBack(context: CommandContext, id: string): UploadRecord {
  const upload = readUpload(context, id);
  if (!upload) throw new Error("An upload vanished within a transaction.");
  return upload;
}

export function refusal(context: CommandContext, id: string) {
  const upload = readUpload(context, id);
  return upload ? ({ outcome: "not-pending", upload } as const) : missing;
}

export function remintUpload(
  context: CommandContext,
  command: Command<"remintUpload">,
): Outcome<"remintUpload"> {
  const { connection, clock } = context;
  const before = command.landingKey === undefined ? undefined : readUpload(context, command.uploadId);
  const nowMs = clock.nowMs();
  const changed = connection.run(
    `UPDATE uploads SET expires_at = ?, urls_until = max(urls_until, ?),
       landing_key = iif(part_size IS NULL, coalesce(?, landing_key), landing_key)
     WHERE id = ? AND state = 'pending'`,
    nowMs + command.uploadLifetimeMs,
    nowMs + command.urlLifetimeMs,
    command.landingKey ?? null,
    command.uploadId,
  );
  if (changed === 0) return refusal(context, command.uploadId);
  if (before && !before.multipart) doom(context, before.landingKey, before.urlsUntilMs);
  addUploadEvent(context, command.uploadId, "reminted", "");
  addAuditEvent(context, command.actor, "upload.reminted", command.uploadId);
  return { outcome: "minted", upload: readBack(context, command.uploadId) };
}

export function completeUpload(
  context: CommandContext,
  command: Command<"completeUpload">,
): Outcome<"completeUpload"> {
  const { connection, clock } = context;
  const changed = connection.run(
    `UPDATE uploads SET state = 'uploaded', lease_until = ?1, sha256 = coalesce(?3, sha256),
       turn = ${nextTurn("uploads", ownersLastUploadTurn)}
     WHERE id = ?2 AND state = 'pending' AND sha256 IN ('', coalesce(?3, sha256))
       AND landing_key = coalesce(?4, landing_key)`,
    clock.nowMs(),
    command.uploadId,
    command.sha256 ?? null,
    command.landingKey ?? null,
  );
  if (changed === 0) {
    const refused = refusal(context, command.uploadId);
    if (refused.outcome === "missing" || refused.upload.state !== "pending") return refused;
    const isElsewhere = command.landingKey !== undefined && command.landingKey !== refused.upload.landingKey;
    return { outcome: isElsewhere ? "moved" : "sha256-conflict", upload: refused.upload };
  }
  addUploadEvent(context, command.uploadId, "uploaded", command.detail ?? "");
  addAuditEvent(context, command.actor, "upload.completed", command.uploadId);
  return { outcome: "completed", upload: readBack(context, command.uploadId) };
}

export function abortUpload(
  context: CommandContext,
  command: Command<"abortUpload">,
): Outcome<"abortUpload"> {
  const { connection, clock } = context;
  const nowMs = clock.nowMs();
  const changed = connection.run(
    `UPDATE uploads SET state = 'aborted', ended_at = ?1
     WHERE id = ?2 AND state = 'pending' AND (?3 = 0 OR expires_at <= ?1)`,
    nowMs,
    command.uploadId,
    command.ifExpired ? 1 : 0,
  );
  if (changed === 0) {
    const refused = refusal(context, command.uploadId);
    return refused.outcome === "not-pending" && refused.upload.state === "pending"
      ? { outcome: "not-expired", upload: refused.upload }
      : refused;
  }
  const upload = readBack(context, command.uploadId);
  if (upload.multipart) forgetDeclaredParts(context, upload.id);
  connection.run("UPDATE principals SET open_uploads = open_uploads - 1 WHERE id = ?", upload.ownerId);
  giveShotBack(context, upload.albumId, upload.ownerId);
  doom(context, upload.landingKey, upload.urlsUntilMs + landingGraceMs);
  addUploadEvent(context, upload.id, "aborted", command.detail);
  addAuditEvent(context, command.actor, "upload.aborted", upload.id);
  return { outcome: "aborted", upload };
}

export function releaseReservation(
  { connection }: CommandContext,
  { uploadId }: { readonly uploadId: string },
): boolean {
  const released = connection.get<{ owner_id: string; size_bytes: number }>(
    `UPDATE uploads SET reservation_held = 0 WHERE id = ? AND state = 'aborted' AND reservation_held = 1
     RETURNING owner_id, size_bytes`,
    uploadId,
  );
  if (!released) return false;
  connection.run(
    "UPDATE principals SET reserved_bytes = reserved_bytes - ? WHERE id = ?",
    released.size_bytes,
    released.owner_id,
  );
  return true;
}
