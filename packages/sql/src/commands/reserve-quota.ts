import {
  type CreateUploadOutcome,
  type CreateUploads,
  type NewUpload,
  roundedUp,
  stepOf,
} from "@stowage/core";
import type { CommandContext } from "./context.ts";
import { hostCounted, othersCounted, sumOfGuests } from "./count-others.ts";

/** The statement of every server that bounds neither files nor organisations. */
const reserve = `UPDATE principals SET reserved_bytes = reserved_bytes + ?1, open_uploads = open_uploads + 1
  WHERE id = ?2 AND (?3 = 0 OR used_bytes + reserved_bytes + ?1 <= ?3) AND (?4 = 0 OR open_uploads < ?4)`;

const reserveWithin = `${reserve} AND (?5 = 0 OR used_files + open_uploads + ?8 <= ?5)
  AND (organisation_id IS NULL OR EXISTS (SELECT 1 FROM organisations o WHERE o.id = principals.organisation_id
    AND (?6 = 0 OR ${othersCounted("bytes", "?6")} + principals.used_bytes + principals.reserved_bytes + ?1 <= ?6)
    AND (?7 = 0 OR ${othersCounted("files", "?7")} + principals.used_files + principals.open_uploads + ?8 <= ?7)))`;

/** Guests are of no organisation. */
const reserveAsGuest = `${reserve} AND (?5 = 0 OR ${sumOfGuests("files", "?5")} < ?5)
  AND (?6 = 0 OR ${sumOfGuests("bytes", "?6")} + ?1 <= ?6)
  AND (?7 = 0 OR ${sumOfGuests("bytes", "?7")} + ?1 + ${hostCounted("?7")} <= ?7) AND (?8 = 0 OR used_files + open_uploads < ?8)`;

/** What may be at most, each 0 where there is no bound. */
interface Bounds {
  readonly files: number;
  readonly organisationBytes: number;
  readonly organisationFiles: number;
}

const boundsOf = ({
  quotaFiles = 0,
  organisationQuotaBytes = 0,
  organisationQuotaFiles = 0,
}: CreateUploads): Bounds => ({
  files: quotaFiles,
  organisationBytes: organisationQuotaBytes,
  organisationFiles: organisationQuotaFiles,
});

/** A version takes the place of one that the file has: it may begin where one file more would be one too many. */
const filesAsked = ({ replaces }: NewUpload): number => (replaces ? 0 : 1);

/** Counts an upload among its owner's, and by that among their organisation's, where all of them have room. */
export function reserveQuota(
  { connection }: CommandContext,
  command: CreateUploads,
  item: NewUpload,
): boolean {
  const { ownerId, quotaBytes, maxOpenUploads } = command;
  const common = [item.sizeBytes, ownerId, quotaBytes, maxOpenUploads];
  if (command.guests) {
    const { quotaBytes: guestsBytes, quotaFiles, hostQuotaBytes } = command.guests;
    return (
      connection.run(
        reserveAsGuest,
        ...common,
        quotaFiles,
        guestsBytes,
        hostQuotaBytes,
        boundsOf(command).files,
      ) === 1
    );
  }
  const { files, organisationBytes, organisationFiles } = boundsOf(command);
  return files + organisationBytes + organisationFiles === 0
    ? connection.run(reserve, ...common) === 1
    : connection.run(
        reserveWithin,
        ...common,
        files,
        organisationBytes,
        organisationFiles,
        filesAsked(item),
      ) === 1;
}

interface RoomRow {
  bytes: number;
  files: number;
  open_uploads: number;
  others_bytes: number | null;
  others_files: number | null;
}

/** Which bound it was that had no room. */
export function quotaRefusal(
  { connection }: CommandContext,
  command: CreateUploads,
  item: NewUpload,
): CreateUploadOutcome {
  const row = connection.get<RoomRow>(
    `SELECT p.used_bytes + p.reserved_bytes AS bytes, p.used_files + p.open_uploads AS files, p.open_uploads,
       o.used_bytes + o.reserved_bytes - p.used_bytes - p.reserved_bytes AS others_bytes,
       o.used_files + o.open_uploads - p.used_files - p.open_uploads AS others_files
     FROM principals p LEFT JOIN organisations o ON o.id = p.organisation_id WHERE p.id = ?`,
    command.ownerId,
  );
  if (!row) throw new Error("Uploads are created for a principal that has no row.");
  const bounds = boundsOf(command);
  const ofAll = (own: number, others: number | null, bound: number) =>
    others === null ? null : own + roundedUp(others, stepOf(bound));
  const organisationBytes = ofAll(row.bytes, row.others_bytes, bounds.organisationBytes);
  const organisationFiles = ofAll(row.files, row.others_files, bounds.organisationFiles);
  for (const [quota, most, taken, asked] of [
    ["bytes", command.quotaBytes, row.bytes, item.sizeBytes],
    ["files", bounds.files, row.files, filesAsked(item)],
    ["organisation-bytes", bounds.organisationBytes, organisationBytes, item.sizeBytes],
    ["organisation-files", bounds.organisationFiles, organisationFiles, filesAsked(item)],
  ] as const)
    if (most !== 0 && taken !== null && taken + asked > most)
      return { outcome: "quota-exceeded", quota, free: Math.max(0, most - taken) };
  if (command.guests && (command.maxOpenUploads === 0 || row.open_uploads < command.maxOpenUploads))
    return { outcome: "quota-exceeded", quota: "guests", free: 0 };
  return { outcome: "too-many-open-uploads", openUploads: row.open_uploads };
}
