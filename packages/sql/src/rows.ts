import type {
  DerivativeRecord,
  FileRecord,
  FileState,
  Metadata,
  PrincipalRecord,
  UploadRecord,
  UploadState,
} from "@stowage/core";

export interface PrincipalRow {
  id: string;
  issuer: string;
  subject: string;
  email: string | null;
  name: string | null;
  organisation: string | null;
  used_bytes: number;
  reserved_bytes: number;
  open_uploads: number;
  created_at: number;
}

export interface UploadRow {
  id: string;
  owner_id: string;
  ref: string | null;
  file_id: string;
  state: UploadState;
  name: string;
  size_bytes: number;
  content_type: string;
  sha256: string;
  profile: string;
  metadata: string;
  landing_key: string;
  storage_prefix: string;
  attempt: number;
  failed_attempts: number;
  created_at: number;
  expires_at: number;
  urls_until: number;
  lease_until: number | null;
  claim_held: number;
  ended_at: number | null;
  reservation_held: number;
  rejection_code: NonNullable<UploadRecord["rejection"]>["code"] | null;
  rejection_detail: string | null;
}

export interface FileRow {
  id: string;
  owner_id: string;
  state: FileState;
  name: string;
  metadata: string;
  version: number;
  revision: number;
  created_at: number;
  trashed_at: number | null;
  key: string;
  size_bytes: number;
  sha256: string;
  content_type: string;
  width: number | null;
  height: number | null;
  taken_at: number | null;
  thumbhash: string | null;
  derivatives: string;
}

/** Members whose column is not NULL. */
function present<Members extends Record<string, string | number | null>>(
  members: Members,
): { [Name in keyof Members]?: NonNullable<Members[Name]> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== null)) as {
    [Name in keyof Members]?: NonNullable<Members[Name]>;
  };
}

export const principalOf = (row: PrincipalRow): PrincipalRecord => ({
  id: row.id,
  issuer: row.issuer,
  subject: row.subject,
  ...present({ email: row.email, name: row.name, organisation: row.organisation }),
  usedBytes: row.used_bytes,
  reservedBytes: row.reserved_bytes,
  openUploads: row.open_uploads,
  createdAtMs: row.created_at,
});

export const uploadOf = (row: UploadRow): UploadRecord => ({
  id: row.id,
  ownerId: row.owner_id,
  ...present({
    ref: row.ref,
    leaseUntilMs: row.state === "verifying" ? row.lease_until : null,
    endedAtMs: row.ended_at,
  }),
  fileId: row.file_id,
  state: row.state,
  name: row.name,
  sizeBytes: row.size_bytes,
  contentType: row.content_type,
  sha256: row.sha256,
  profile: row.profile,
  metadata: JSON.parse(row.metadata) as Metadata,
  landingKey: row.landing_key,
  storagePrefix: row.storage_prefix,
  attempt: row.attempt,
  failedAttempts: row.failed_attempts,
  createdAtMs: row.created_at,
  expiresAtMs: row.expires_at,
  urlsUntilMs: row.urls_until,
  ...(row.rejection_code === null
    ? {}
    : { rejection: { code: row.rejection_code, detail: row.rejection_detail ?? "" } }),
});

export const fileOf = (row: FileRow): FileRecord => ({
  id: row.id,
  ownerId: row.owner_id,
  state: row.state,
  name: row.name,
  visibility: "private",
  metadata: JSON.parse(row.metadata) as Metadata,
  version: row.version,
  revision: row.revision,
  createdAtMs: row.created_at,
  ...present({ trashedAtMs: row.trashed_at }),
  current: {
    key: row.key,
    sizeBytes: row.size_bytes,
    sha256: row.sha256,
    contentType: row.content_type,
    ...present({
      width: row.width,
      height: row.height,
      takenAtMs: row.taken_at,
      thumbhash: row.thumbhash,
    }),
    derivatives: JSON.parse(row.derivatives) as DerivativeRecord[],
  },
});
