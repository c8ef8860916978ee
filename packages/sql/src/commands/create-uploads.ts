import {
  auditedOfCreate,
  type CreateUploadOutcome,
  type CreateUploads,
  type NewUpload,
  shownAudience,
  type UploadRecord,
} from "@stowage/core";
import { refPlaceOf } from "../ref-place.ts";
import { giveShotBack, takeShot } from "./album-files.ts";
import { addAuditEvent, addUploadEvent, type CommandContext, readUpload } from "./context.ts";
import { countSent, giveSentBack } from "./delegations.ts";
import { quotaRefusal, reserveQuota } from "./reserve-quota.ts";

/** Reserves and writes a batch; each item is decided on its own, by the update of its owner's counters. */
export function createUploads(context: CommandContext, command: CreateUploads): CreateUploadOutcome[] {
  return command.items.map((item) => existing(context, command, item) ?? create(context, command, item));
}

function existing(
  context: CommandContext,
  command: CreateUploads,
  item: NewUpload,
): CreateUploadOutcome | undefined {
  const found = item.ref === undefined ? undefined : findRepeated(context, command, item, item.ref);
  return found ?? (item.repeatsOnly ? { outcome: "not-repeated" } : undefined);
}

/** What the same ref has become, brought up to date; nothing where it may name a new upload. */
function findRepeated(
  context: CommandContext,
  command: CreateUploads,
  item: NewUpload,
  ref: string,
): CreateUploadOutcome | undefined {
  const { connection, clock } = context;
  const { lead, rest } = refPlaceOf(command.ownerId, ref);
  const found = connection.get<{ upload_id: string }>(
    "SELECT upload_id FROM upload_refs WHERE lead = ? AND rest = ?",
    lead,
    rest,
  );
  const upload = found && readUpload(context, found.upload_id);
  if (!upload || upload.state === "aborted" || upload.state === "rejected") return undefined;
  const isOther = upload.sha256 !== undefined && item.sha256 !== undefined && upload.sha256 !== item.sha256;
  if (upload.sizeBytes !== item.sizeBytes || isOther || goesElsewhere(item, upload))
    return { outcome: "ref-reused", upload };
  if (upload.state !== "pending") return { outcome: "existing", upload };
  const nowMs = clock.nowMs();
  const extended = connection.run(
    `UPDATE uploads SET expires_at = ?1, urls_until = max(urls_until, ?2), sha256 = iif(sha256 = '', ?4, sha256)
     WHERE id = ?3 AND state = 'pending'
       AND (expires_at <> ?1 OR urls_until < ?2 OR (sha256 = '' AND ?4 <> ''))`,
    nowMs + command.uploadLifetimeMs,
    nowMs + command.urlLifetimeMs,
    upload.id,
    item.sha256 ?? "",
  );
  if (extended === 0) return { outcome: "existing", upload };
  addUploadEvent(context, upload.id, "reminted", "");
  addAuditEvent(context, { principalId: command.ownerId }, "upload.reminted", upload.id);
  return { outcome: "existing", upload: readUpload(context, upload.id) ?? upload };
}

const goesElsewhere = (
  one: Pick<NewUpload, "replaces" | "albumId">,
  other: Pick<NewUpload, "replaces" | "albumId">,
): boolean =>
  one.replaces?.fileId !== other.replaces?.fileId ||
  one.replaces?.version !== other.replaces?.version ||
  one.albumId !== other.albumId;

function create(context: CommandContext, command: CreateUploads, item: NewUpload): CreateUploadOutcome {
  const { connection, clock } = context;
  const { albumId } = item;
  const { delegationId } = command;
  const refused = delegationId === undefined ? undefined : countSent(context, delegationId, item);
  if (refused) return refused;
  const shot = albumId === undefined ? undefined : takeShot(context, albumId, command.ownerId);
  if (shot && shot.outcome !== "taken") {
    giveSentBack(context, delegationId, item);
    return shot;
  }
  if (!reserveQuota(context, command, item)) {
    giveShotBack(context, albumId, command.ownerId);
    giveSentBack(context, delegationId, item);
    return quotaRefusal(context, command, item);
  }
  const nowMs = clock.nowMs();
  const { repeatsOnly: _, ...members } = item;
  const upload: UploadRecord = {
    ...members,
    ownerId: command.ownerId,
    state: "pending",
    attempt: 0,
    failedAttempts: 0,
    lostClaims: 0,
    createdAtMs: nowMs,
    expiresAtMs: nowMs + command.uploadLifetimeMs,
    urlsUntilMs: nowMs + command.urlLifetimeMs,
  };
  connection.run(
    `INSERT INTO uploads (id, owner_id, ref, file_id, state, name, size_bytes, content_type, sha256, profile, metadata,
       landing_key, storage_prefix, created_at, expires_at, urls_until, part_size, replaces_file_id, replaces_version, audience,
       album_id)
     VALUES (?, ?, ?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    upload.id,
    upload.ownerId,
    upload.ref ?? null,
    upload.fileId,
    upload.name,
    upload.sizeBytes,
    upload.contentType,
    upload.sha256 ?? "",
    upload.profile,
    JSON.stringify(upload.metadata),
    upload.landingKey,
    upload.storagePrefix,
    upload.createdAtMs,
    upload.expiresAtMs,
    upload.urlsUntilMs,
    upload.multipart?.partSizeBytes ?? null,
    upload.replaces?.fileId ?? null,
    upload.replaces?.version ?? null,
    upload.audience ? shownAudience(upload.audience) : null,
    upload.albumId ?? null,
  );
  if (upload.ref !== undefined) {
    const { lead, rest } = refPlaceOf(upload.ownerId, upload.ref);
    connection.run(
      "INSERT OR REPLACE INTO upload_refs (lead, rest, upload_id) VALUES (?, ?, ?)",
      lead,
      rest,
      upload.id,
    );
  }
  connection.run(
    "INSERT INTO upload_events (upload_id, number, at, type, detail) VALUES (?, 1, ?, 'created', '')",
    upload.id,
    nowMs,
  );
  addAuditEvent(
    context,
    { principalId: command.ownerId },
    "upload.created",
    upload.id,
    auditedOfCreate(item, delegationId),
    albumId === undefined ? "in-no-album" : undefined,
  );
  return { outcome: "created", upload };
}
