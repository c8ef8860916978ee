import type { DeclaredPart } from "@stowage/core";
import { type UploadRow, uploadOf } from "../rows.ts";
import { addAuditEvent, addUploadEvent, type CommandContext, doom, readUpload } from "./context.ts";
import { type Command, landingGraceMs, type Outcome, readBack, refusal } from "./pending-uploads.ts";

export function turnMultipart(
  context: CommandContext,
  command: Command<"turnMultipart">,
): Outcome<"turnMultipart"> {
  const { connection, clock } = context;
  const before = readUpload(context, command.uploadId);
  const changed = connection.run(
    `UPDATE uploads SET part_size = ?, landing_key = ?, expires_at = ?
     WHERE id = ? AND state = 'pending' AND part_size IS NULL`,
    command.partSizeBytes,
    command.landingKey,
    clock.nowMs() + command.uploadLifetimeMs,
    command.uploadId,
  );
  if (changed === 0 || !before) {
    const refused = refusal(context, command.uploadId);
    return refused.outcome === "not-pending" && refused.upload.state === "pending"
      ? { outcome: "already", upload: refused.upload }
      : refused;
  }
  doom(context, before.landingKey, before.urlsUntilMs + landingGraceMs);
  addUploadEvent(context, command.uploadId, "in-parts", "");
  addAuditEvent(context, command.actor, "upload.in-parts", command.uploadId);
  return { outcome: "turned", upload: readBack(context, command.uploadId) };
}

export function beginMultipart(
  context: CommandContext,
  command: Command<"beginMultipart">,
): Outcome<"beginMultipart"> {
  const changed = context.connection.run(
    `UPDATE uploads SET store_upload_id = ?
     WHERE id = ? AND state = 'pending' AND part_size IS NOT NULL AND store_upload_id IS NULL`,
    command.storeUploadId,
    command.uploadId,
  );
  if (changed === 0) {
    const refused = refusal(context, command.uploadId);
    if (refused.outcome === "missing" || refused.upload.state !== "pending") return refused;
    return { outcome: refused.upload.multipart ? "already" : "not-multipart", upload: refused.upload };
  }
  addUploadEvent(context, command.uploadId, "begun", "");
  addAuditEvent(context, command.actor, "upload.begun", command.uploadId);
  return { outcome: "begun", upload: readBack(context, command.uploadId) };
}

export function forgetMultipart(context: CommandContext, command: Command<"forgetMultipart">): boolean {
  const changed = context.connection.run(
    "UPDATE uploads SET store_upload_id = NULL WHERE id = ? AND state = 'pending' AND store_upload_id = ?",
    command.uploadId,
    command.storeUploadId,
  );
  if (changed === 0) return false;
  addAuditEvent(context, "system", "upload.restarted", command.uploadId);
  return true;
}

export function mintParts(context: CommandContext, command: Command<"mintParts">): Outcome<"mintParts"> {
  const { connection, clock } = context;
  const nowMs = clock.nowMs();
  const row = connection.get<UploadRow>(
    `UPDATE uploads SET expires_at = ?, urls_until = max(urls_until, ?)
     WHERE id = ? AND state = 'pending' AND store_upload_id IS NOT NULL RETURNING *`,
    nowMs + command.uploadLifetimeMs,
    nowMs + command.urlLifetimeMs,
    command.uploadId,
  );
  if (!row) {
    const refused = refusal(context, command.uploadId);
    return refused.outcome === "not-pending" && refused.upload.state === "pending"
      ? { outcome: "not-begun", upload: refused.upload }
      : refused;
  }
  connection.run(
    `INSERT INTO upload_parts (upload_id, part_number, sha256)
     SELECT ?1, value ->> 'partNumber', value ->> 'sha256' FROM json_each(?2) WHERE true
     ON CONFLICT (upload_id, part_number) DO UPDATE SET sha256 = excluded.sha256`,
    command.uploadId,
    JSON.stringify(command.parts),
  );
  addAuditEvent(context, command.actor, "upload.parts-minted", command.uploadId);
  return { outcome: "minted", upload: uploadOf(row) };
}

export function listDeclaredParts({ connection }: CommandContext, uploadId: string): DeclaredPart[] {
  return connection
    .all<{ part_number: number; sha256: string }>(
      "SELECT part_number, sha256 FROM upload_parts WHERE upload_id = ? ORDER BY part_number",
      uploadId,
    )
    .map(({ part_number, sha256 }) => ({ partNumber: part_number, sha256 }));
}
