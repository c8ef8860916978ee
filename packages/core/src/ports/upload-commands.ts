import type { Rejection } from "@stowage/protocol";
import type { FileAudience, VersionFacts, VersionOfFile } from "../file.ts";
import type { Metadata, UploadRecord } from "../upload.ts";

export interface NewUpload {
  readonly id: string;
  readonly fileId: string;
  readonly ref?: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  /** May be left out where it is sent in parts. */
  readonly sha256?: string;
  readonly profile: string;
  readonly metadata: Metadata;
  /** Of the file that it becomes; one whose version it replaces keeps its own. */
  readonly audience?: FileAudience;
  /** A multipart's is `multipartKey`. */
  readonly landingKey: string;
  readonly multipart?: { readonly partSizeBytes: number };
  readonly storagePrefix: string;
  /** Whether its owner may change that file was decided before. */
  readonly replaces?: VersionOfFile;
  /** Whether its owner may add to that album was decided before. */
  readonly albumId?: string;
  /** Given where nothing is to be created, but what the same `ref` names already is to be answered. */
  readonly repeatsOnly?: true;
}

export interface CreateUploads {
  readonly ownerId: string;
  /** 0 = none. */
  readonly quotaBytes: number;
  /**
   * Files and open uploads together; default 0 = none. One that replaces a version takes the place of one that there is: it may begin
   * where another file could not.
   */
  readonly quotaFiles?: number;
  /** Of the owner's organisation, where they are of one: bytes used and reserved, and the like of `quotaFiles`; default 0 = none. What others have counts in steps (`others-share`). */
  readonly organisationQuotaBytes?: number;
  readonly organisationQuotaFiles?: number;
  /**
   * Where the owner is a guest: what all guests of the person who invited them may have together, bytes used and reserved, files and open
   * uploads; and what that person may have, of which their guests get no more than is left. What others have counts in steps (`others-share`). Each 0 = none.
   */
  readonly guests?: {
    readonly quotaBytes: number;
    readonly quotaFiles: number;
    readonly hostQuotaBytes: number;
  };
  /** Where it is created by a token that its owner minted: which, and it is counted in its bounds. */
  readonly delegationId?: string;
  /** 0 = none. */
  readonly maxOpenUploads: number;
  readonly uploadLifetimeMs: number;
  /** How long what is minted for them from now on will work. */
  readonly urlLifetimeMs: number;
  readonly items: readonly NewUpload[];
}

/** Whose room it was that did not do, and of what: the person's, their organisation's, all guests' of who invited them, or the token's. */
export type ExceededQuota =
  | "bytes"
  | "files"
  | "guests"
  | "organisation-bytes"
  | "organisation-files"
  | "delegation-bytes"
  | "delegation-files";

export type CreateUploadOutcome =
  | { readonly outcome: "created"; readonly upload: UploadRecord }
  /**
   * The same `ref`, size, `replaces`, album and digest (one that was not declared contradicts none): that upload as it is now. Where it
   * is pending its lives are extended as by `remintUpload`, and a digest that it lacks is taken
   * over; where that changes it, it is told as a remint in timeline and audit.
   */
  | { readonly outcome: "existing"; readonly upload: UploadRecord }
  /** The same `ref` with another size, digest, `replaces` or album, and that upload has neither failed nor been aborted. */
  | { readonly outcome: "ref-reused"; readonly upload: UploadRecord }
  /** With `repeatsOnly`: its `ref` names no upload that has neither failed nor been aborted. */
  | { readonly outcome: "not-repeated" }
  /** Its owner may not add to that album (any more), or it is gone. */
  | { readonly outcome: "album-missing" }
  | { readonly outcome: "no-shots-left"; readonly shotsPerMember: number }
  /** `free`: bytes or files that there is room for, 0 or more; 0 of `guests`, who are not told what others sent. */
  | { readonly outcome: "quota-exceeded"; readonly quota: ExceededQuota; readonly free: number }
  /** The token was taken back since it was looked at, or has ended. */
  | { readonly outcome: "delegation-ended" }
  | { readonly outcome: "too-many-open-uploads"; readonly openUploads: number };

/** How an upload ended, as the worker that holds its claim says. */
export type FinishResult =
  | { readonly kind: "ready"; readonly facts: VersionFacts; readonly detail: string }
  | { readonly kind: "rejected"; readonly rejection: Rejection };
