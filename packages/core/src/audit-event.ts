import type { FileChange } from "./file.ts";
import type { NewUpload } from "./ports/upload-commands.ts";

/** Who did it, for the audit: a principal, or Stowage itself. */
export type Actor = { readonly principalId: string } | "system";

export interface AuditEventRecord {
  /** Grows with time within one database. */
  readonly sequence: number;
  readonly atMs: number;
  /** A principal's id, `system`, or `anonymous`. */
  readonly actor: string;
  readonly action: AuditAction;
  /** The id of the upload, file, album or principal. No names. */
  readonly targetId: string;
  /** What else is to be known of it: the JSON text of an object, as it is hashed. No names. */
  readonly detail?: string;
  /** The album that had sealed its file or upload when it was written: no list tells of it before that is revealed. */
  readonly sealedBy?: string;
  /** Its place in its chain; absent until the sequencer has come by. */
  readonly link?: AuditLink;
}

/** An event's place in the chain that it belongs to; given once, and never changed. */
export interface AuditLink {
  /** The id of the organisation that it concerns; {@link noOrganisation} where it is none's. */
  readonly chain: string;
  /** From 1, without gaps within the chain. */
  readonly number: number;
  /** {@link auditHash}: 64 lower-case hex digits. */
  readonly hash: string;
}

/** The last event of a chain. */
export interface AuditChainHead extends AuditLink {}

/** How far the chains go: up to a sequence, in all of them together. */
export interface AuditExtent {
  /** The highest that has a link; 0 = none has. */
  readonly sequence: number;
  /** How many have one. */
  readonly count: number;
  /** Of the event that says up to where seals may be in no hash; 0 = there is none. Absent in checkpoints of before. */
  readonly sealsHashedAt?: number;
}

/** An event as a command asks for it. */
export interface NewAuditEvent {
  readonly actor: Actor | "anonymous";
  readonly action: AuditAction;
  readonly targetId: string;
  readonly detail?: string;
}

/** Of a change of a file what is to be known of it later: to whom it was shown from then on. */
export const auditedOf = ({ audience, sharesOriginal, albumIds }: FileChange): string | undefined =>
  detailOf({
    ...(audience === undefined ? {} : { visibility: audience === "private" ? audience : audience.kind }),
    ...(sharesOriginal === undefined ? {} : { shareOriginal: sharesOriginal }),
    ...(albumIds === undefined ? {} : { albumIds }),
  });

/** The same of a create, and by which token of its owner's it was. */
export const auditedOfCreate = (
  { audience, albumId }: Pick<NewUpload, "audience" | "albumId">,
  tokenId?: string,
) =>
  detailOf({
    ...(audience === undefined ? {} : { visibility: audience.kind }),
    ...(albumId === undefined ? {} : { albumId }),
    ...(tokenId === undefined ? {} : { tokenId }),
  });

const detailOf = (members: object): string | undefined =>
  Object.keys(members).length === 0 ? undefined : JSON.stringify(members);

export type AuditAction =
  /** In its detail `visibility` and `albumId`, where those were said, and `tokenId`, where it was created by a token that its owner minted. */
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
  /** In its detail `visibility`, `shareOriginal` and `albumIds`, where those were changed. */
  | "file.changed"
  | "file.trashed"
  /** In its detail `albumIds` where its owner may not add any more to one in which it was: those in which it still is. */
  | "file.restored"
  | "file.purged"
  | "file.quarantined"
  | "file.released"
  | "file.replaced"
  | "file.conflicted"
  | "file.reindexed"
  /** To whom and until when (`endsAt`, where it has an end) is in its detail. */
  | "file.granted"
  | "file.revoked"
  /** Which invite (`inviteId`) is in their details: no address is. */
  | "file.invited"
  | "file.invite-withdrawn"
  | "file.invite-declined"
  | "file.glass-broken"
  | "version.restored"
  | "version.purged"
  | "derivative.asked"
  | "derivative.made"
  | "derivative.failed"
  | "derivative.dropped"
  | "derivative.forgotten"
  | "principal.recounted"
  | "organisation.recounted"
  | "link.created"
  | "link.opened"
  | "link.locked"
  | "link.revoked"
  /** Of a guest, or of a person who minted a token: in their details `tokenId` of the latter, and what it is for where it is minted. */
  | "capability.minted"
  | "capability.revoked"
  /** Of what they say of themselves. */
  | "principal.changed"
  | "principal.signed-out"
  /** By what their issuer says of them: in its detail the ids `from` and `to`, each where there is one. */
  | "principal.moved"
  /**
   * A token in somebody's name by the operator's command: in its detail `tokenId`, which the issuer's log has too, `scope`, `endsAt`, and `isBreakGlass`
   * where they had signed in before.
   */
  | "principal.token-minted"
  | "principal.deleted"
  | "principal.erased"
  | "archive.asked"
  | "archive.made"
  | "archive.failed"
  | "archive.outdated"
  | "archive.expired"
  | "file.unsealed"
  | "album.created"
  | "album.changed"
  | "album.deleted"
  | "album.revealed"
  | "album.member-set"
  | "album.member-removed"
  | "album.invited"
  | "album.invite-revoked"
  | "album.joined"
  /** Of the file. */
  | "album.file-removed"
  | "album.recounted"
  /** A person has what the guest had: in which album (`albumId`) is in its detail. */
  | "guest.merged"
  | "guest.forgotten"
  /** So many refusals of one kind at one route, within a minute or so; `targetId` is the route. */
  | "access.denied"
  /** The rows are those of a backup: what came after it is not among them. */
  | "data.restored"
  /** From it on `sealedBy` is in the hash of each event that has one; what came before it may have been chained without. */
  | "audit.seals-hashed";
