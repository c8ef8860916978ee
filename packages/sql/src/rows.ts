import {
  albumIdsIn,
  audienceOf,
  type DerivativeRecord,
  type FileRecord,
  type FileState,
  type FileVersionRecord,
  type Metadata,
  type PrincipalRecord,
  type Quarantine,
  type Rendition,
  type UploadRecord,
  type UploadState,
  type VersionFacts,
} from "@stowage/core";

export interface PrincipalRow {
  id: string;
  issuer: string;
  subject: string;
  email: string | null;
  email_verified: number;
  name: string | null;
  organisation: string | null;
  organisation_id: string | null;
  listed: string | null;
  used_bytes: number;
  reserved_bytes: number;
  used_files: number;
  open_uploads: number;
  created_at: number;
  told_at: number;
  said_at: number;
  chosen_name: string | null;
  profile_revision: number;
  tokens_valid_from: number | null;
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
  /** Empty: not declared. */
  sha256: string;
  profile: string;
  metadata: string;
  album_id: string | null;
  landing_key: string;
  storage_prefix: string;
  attempt: number;
  failed_attempts: number;
  lost_claims: number;
  created_at: number;
  expires_at: number;
  urls_until: number;
  lease_until: number | null;
  claim_held: number;
  ended_at: number | null;
  reservation_held: number;
  part_size: number | null;
  store_upload_id: string | null;
  replaces_file_id: string | null;
  replaces_version: number | null;
  audience: string | null;
  rejection_code: NonNullable<UploadRecord["rejection"]>["code"] | null;
  rejection_detail: string | null;
}

export interface FileRow extends FactsRow {
  id: string;
  owner_id: string;
  state: FileState;
  name: string;
  metadata: string;
  version: number;
  revision: number;
  created_at: number;
  trashed_at: number | null;
  /** JSON. */
  quarantine: string | null;
  latest_version: number;
  conflicts: number;
  audience: string | null;
  shares_original: number;
  sealed_by: string | null;
  glass_breaks: number;
  /** JSON. */
  audiences: string;
}

/** What verification learnt of a version. */
interface FactsRow {
  key: string;
  size_bytes: number;
  sha256: string;
  content_type: string;
  width: number | null;
  height: number | null;
  taken_at: number | null;
  thumbhash: string | null;
  page_count: number | null;
  password_protected: number | null;
  duration_ms: number | null;
  active_content: string | null;
  rendition: string | null;
  profile: string | null;
  derivatives: string;
}

export interface FileVersionRow extends FactsRow {
  file_id: string;
  version: number;
  current_version: number;
  is_conflict: number;
  name: string;
  created_at: number;
  upload_id: string;
}

type Mutable<Record> = { -readonly [Name in keyof Record]: Record[Name] };

export function principalOf(row: PrincipalRow): PrincipalRecord {
  const principal: Mutable<PrincipalRecord> = {
    id: row.id,
    issuer: row.issuer,
    subject: row.subject,
    usedBytes: row.used_bytes,
    reservedBytes: row.reserved_bytes,
    usedFiles: row.used_files,
    openUploads: row.open_uploads,
    createdAtMs: row.created_at,
  };
  if (row.email !== null) principal.email = row.email;
  if (row.email_verified === 1) principal.emailVerified = true;
  const name = row.chosen_name ?? row.name;
  if (name !== null) principal.name = name;
  if (row.profile_revision > 1) principal.profileRevision = row.profile_revision;
  if (row.organisation !== null) principal.organisation = row.organisation;
  if (row.tokens_valid_from !== null) principal.tokensValidFromMs = row.tokens_valid_from;
  if (row.organisation_id !== null) principal.organisationId = row.organisation_id;
  return principal;
}

export function uploadOf(row: UploadRow): UploadRecord {
  const upload: Mutable<UploadRecord> = {
    id: row.id,
    ownerId: row.owner_id,
    fileId: row.file_id,
    state: row.state,
    name: row.name,
    sizeBytes: row.size_bytes,
    contentType: row.content_type,
    profile: row.profile,
    metadata: metadataOf(row.metadata),
    landingKey: row.landing_key,
    storagePrefix: row.storage_prefix,
    attempt: row.attempt,
    failedAttempts: row.failed_attempts,
    lostClaims: row.lost_claims,
    createdAtMs: row.created_at,
    expiresAtMs: row.expires_at,
    urlsUntilMs: row.urls_until,
  };
  if (row.ref !== null) upload.ref = row.ref;
  if (row.replaces_file_id !== null && row.replaces_version !== null)
    upload.replaces = { fileId: row.replaces_file_id, version: row.replaces_version };
  if (row.audience !== null) upload.audience = audienceOf(row.audience);
  if (row.album_id !== null) upload.albumId = row.album_id;
  if (row.sha256 !== "") upload.sha256 = row.sha256;
  if (row.part_size !== null)
    upload.multipart = {
      partSizeBytes: row.part_size,
      ...(row.store_upload_id === null ? {} : { storeUploadId: row.store_upload_id }),
    };
  if (row.state === "verifying" && row.lease_until !== null) upload.leaseUntilMs = row.lease_until;
  if (row.ended_at !== null) upload.endedAtMs = row.ended_at;
  if (row.rejection_code !== null)
    upload.rejection = { code: row.rejection_code, detail: row.rejection_detail ?? "" };
  return upload;
}

export function factsOf(row: FactsRow): VersionFacts {
  const facts: Mutable<VersionFacts> = {
    key: row.key,
    sizeBytes: row.size_bytes,
    sha256: row.sha256,
    contentType: row.content_type,
    derivatives: JSON.parse(row.derivatives) as DerivativeRecord[],
  };
  if (row.width !== null) facts.width = row.width;
  if (row.height !== null) facts.height = row.height;
  if (row.taken_at !== null) facts.takenAtMs = row.taken_at;
  if (row.thumbhash !== null) facts.thumbhash = row.thumbhash;
  if (row.page_count !== null) facts.pageCount = row.page_count;
  if (row.password_protected === 1) facts.passwordProtected = true;
  if (row.duration_ms !== null) facts.durationMs = row.duration_ms;
  if (row.active_content !== null) facts.activeContent = JSON.parse(row.active_content) as string[];
  if (row.rendition !== null) facts.rendition = JSON.parse(row.rendition) as Rendition;
  if (row.profile !== null) facts.profile = row.profile;
  return facts;
}

export function fileOf(row: FileRow): FileRecord {
  const file: Mutable<FileRecord> = {
    id: row.id,
    ownerId: row.owner_id,
    state: row.state,
    name: row.name,
    metadata: metadataOf(row.metadata),
    version: row.version,
    latestVersion: row.latest_version,
    conflicts: row.conflicts,
    current: factsOf(row),
    revision: row.revision,
    createdAtMs: row.created_at,
  };
  if (row.trashed_at !== null) file.trashedAtMs = row.trashed_at;
  if (row.audience !== null) file.audience = audienceOf(row.audience);
  if (row.shares_original === 1) file.sharesOriginal = true;
  if (row.audiences !== "[]") {
    const albumIds = albumIdsIn(JSON.parse(row.audiences) as string[]);
    if (albumIds.length > 0) file.albumIds = albumIds;
  }
  if (row.sealed_by !== null) file.sealedBy = row.sealed_by;
  if (row.glass_breaks > 0) file.glassBreaks = row.glass_breaks;
  if (row.quarantine !== null) file.quarantine = JSON.parse(row.quarantine) as Quarantine;
  return file;
}

export const fileVersionOf = (row: FileVersionRow): FileVersionRecord => ({
  ...factsOf(row),
  fileId: row.file_id,
  version: row.version,
  state: row.is_conflict === 1 ? "conflict" : row.version === row.current_version ? "current" : "superseded",
  name: row.name,
  createdAtMs: row.created_at,
  uploadId: row.upload_id,
});

const metadataOf = (json: string): Metadata => (json === "{}" ? {} : (JSON.parse(json) as Metadata));
