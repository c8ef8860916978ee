/** Who did it, for the audit: a principal, or Stowage itself. */
export type Actor = { readonly principalId: string } | "system";

export interface AuditEventRecord {
  /** Grows with time within one database. */
  readonly sequence: number;
  readonly atMs: number;
  /** A principal's id, or `system`. */
  readonly actor: string;
  readonly action: AuditAction;
  /** The id of the upload, file or principal. No names. */
  readonly targetId: string;
}

export type AuditAction =
  | "upload.created"
  | "upload.reminted"
  | "upload.in-parts"
  | "upload.begun"
  | "upload.restarted"
  | "upload.parts-minted"
  | "upload.completed"
  | "upload.aborted"
  | "upload.claimed"
  | "upload.postponed"
  | "upload.ready"
  | "upload.rejected"
  | "file.changed"
  | "file.trashed"
  | "file.restored"
  | "file.purged"
  | "file.quarantined"
  | "file.released"
  | "file.replaced"
  | "file.conflicted"
  | "file.reindexed"
  | "version.restored"
  | "version.purged"
  | "derivative.asked"
  | "derivative.made"
  | "derivative.failed"
  | "derivative.dropped"
  | "derivative.forgotten"
  | "principal.recounted";
