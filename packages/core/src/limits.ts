import type { Principal } from "./policy/principal.ts";

/** Bounds that hold for every person alike. */
export interface Limits {
  /** Bytes used and reserved per person; 0 = none. */
  readonly quotaBytes: number;
  /** The same for a guest of an album; 0 = none. */
  readonly guestQuotaBytes: number;
  /** Bytes used and reserved of all guests together whom one person invited; 0 = none. */
  readonly guestsQuotaBytes: number;
  /** The same of their files and open uploads; 0 = none. */
  readonly guestsQuotaFiles: number;
  /** Who may ask in a minute, from one address, to join an album; ten times as many may join by one invite. 0 = none. */
  readonly acceptsPerMinute: number;
  /** Files per person, trash and open uploads included; 0 = none. */
  readonly quotaFiles: number;
  /** Bytes used and reserved, and files and open uploads, of all people of one organisation; 0 = none. */
  readonly organisationQuotaBytes: number;
  readonly organisationQuotaFiles: number;
  /** Uploads of one person that have not ended; 0 = none. */
  readonly openUploads: number;
  /** Files that one person may create uploads for in a minute; 0 = none. */
  readonly createsPerMinute: number;
  /** Requests that one principal may send in a minute; 0 = none. */
  readonly requestsPerMinute: number;
  /** Requests that may come from one address in a minute, whoever sends them; 0 = none. */
  readonly requestsPerMinutePerAddress: number;
  /** Life of a presigned request, 1 to 600 seconds. */
  readonly urlLifetimeSeconds: number;
  /** A pending upload is aborted this long after its last mint, in seconds; a guest's after `guestUploadLifetimeMs` where that is shorter. */
  readonly uploadLifetimeSeconds: number;
}

/** Longest life of a presigned URL: what was minted before a revocation works no longer than this. */
export const maxUrlLifetimeSeconds = 600;

export const defaultLimits: Limits = {
  quotaBytes: 10 * 1024 ** 3,
  guestQuotaBytes: 1024 ** 3,
  guestsQuotaBytes: 10 * 1024 ** 3,
  guestsQuotaFiles: 10_000,
  acceptsPerMinute: 60,
  quotaFiles: 0,
  organisationQuotaBytes: 0,
  organisationQuotaFiles: 0,
  openUploads: 1000,
  createsPerMinute: 1200,
  requestsPerMinute: 6000,
  requestsPerMinutePerAddress: 30_000,
  urlLifetimeSeconds: maxUrlLifetimeSeconds,
  uploadLifetimeSeconds: 7 * 24 * 3600,
};

/** Bytes that a principal may have, used and reserved; 0 = none. */
export const quotaBytesOf = (limits: Limits, { capability }: Principal): number =>
  capability?.kind === "guest" ? limits.guestQuotaBytes : limits.quotaBytes;

/**
 * How long a pending upload of a guest's lives after its last mint: 3 hours. All guests of one host share a bound, and who announces much and sends
 * nothing keeps the others out for no longer. Who is in a dead spot meanwhile begins anew, under the same `ref`.
 */
export const guestUploadLifetimeMs: number = 3 * 3600 * 1000;

/** How long a pending upload of the principal's lives after its last mint. */
export function uploadLifetimeMsOf({ uploadLifetimeSeconds }: Limits, { capability }: Principal): number {
  const lifetimeMs = uploadLifetimeSeconds * 1000;
  return capability?.kind === "guest" ? Math.min(lifetimeMs, guestUploadLifetimeMs) : lifetimeMs;
}

/** Claims of one upload that may fail before it is rejected as `processing-failed`. */
export const maxFailedAttempts = 5;

/**
 * Claims of one upload that may be lost, its worker having ended in the middle, before it is rejected as `processing-failed`. More
 * than may fail: a process that is killed is hardly ever the fault of what it was reading.
 */
export const maxLostClaims = 10;

/**
 * No upload waits for longer to be claimed (again) than this, or than its lease where that is longer. What seems to was
 * written by a clock that has been set back since.
 */
export const longestClaimWaitMs = 15 * 60 * 1000;

/**
 * How long a claim of an upload holds unless it is renewed: the lease, doubled for each claim that was lost beyond two, to
 * sixteen times of it and `longestClaimWaitMs` at most. Ten workers that end over one file are the better part of an hour apart in
 * all: what takes them down for a while costs nobody a file, and a file that does takes few others with it.
 */
export function leaseOfMs(leaseMs: number, lostClaims: number): number {
  const factor = 2 ** Math.min(4, Math.max(0, lostClaims - 2));
  return Math.min(leaseMs * factor, Math.max(leaseMs, longestClaimWaitMs));
}

/** Claims of one derivative that may fail before it is given up. */
export const maxFailedMakes = 3;

/** Derivatives of one version that are kept apart from it (pages), waited for or remembered as failed. */
export const maxDerivativeMakesPerVersion = 1000;

/** Derivatives of one person's that wait to be made, because somebody asked for them. */
export const maxWaitingDerivativesPerPerson = 200;

/**
 * As many of one person's may wait before others' asks for more are refused: whoever may see a file can't fill its owner's queue, so that
 * the owner waits.
 */
export const maxWaitingDerivativesByOthers = 20;

/** People with whom one file is shared by name. */
export const maxGrantsPerFile = 1000;

/** Invites to one file that wait to be accepted. */
export const maxInvitesPerFile = 1000;

/** How long an invite to a file can be accepted: 30 days. */
export const inviteLifetimeMs = 30 * 24 * 3600 * 1000;

/** How long an operator who broke the glass may see a file: an hour. */
export const glassBreakLifetimeMs = 3600 * 1000;

/** How long an owner is told, after it has ended, that an operator broke the glass to see a file: 90 days. */
export const glassBreakToldForMs = 90 * 24 * 3600 * 1000;

/**
 * For how long it is remembered what an owner showed to an organisation that they are of no more, though nobody sees it meanwhile: an issuer that
 * forgets to name it for a while costs nobody what they chose. A day.
 */
export const formerOrganisationKeptMs: number = 24 * 3600 * 1000;

/** A worker that lost its claim may still write for a while. */
export const lateWriterMs = 5 * 60_000;

/** How long a trashed file can be restored. */
export const trashLifetimeMs = 30 * 24 * 3600 * 1000;

/** What S3 takes in one PUT: https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html (5 GB). */
export const maxPutBytes = 5_000_000_000;
