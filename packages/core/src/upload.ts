import type { Rejection } from "@stowage/protocol";

/** Forward only: pending → uploaded → verifying → ready | rejected; pending → aborted. */
export const uploadStates = ["pending", "uploaded", "verifying", "ready", "rejected", "aborted"] as const;

export type UploadState = (typeof uploadStates)[number];

/** States from which nothing more happens. */
export const endedUploadStates: ReadonlySet<UploadState> = new Set(["ready", "rejected", "aborted"]);

export type Metadata = Readonly<Record<string, string>>;

/** One attempt to send bytes. */
export interface UploadRecord {
  readonly id: string;
  readonly ownerId: string;
  /** The client's own name for this upload, unique per owner among those that can still succeed. */
  readonly ref?: string;
  /** The file that this becomes when it is ready. */
  readonly fileId: string;
  readonly state: UploadState;
  readonly name: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly profile: string;
  readonly metadata: Metadata;
  /** Where the client's PUT lands: `uploads/…`; never served, never read for anything but promotion. */
  readonly landingKey: string;
  /** Prefix of the private keys of every attempt: `files/…`, without a slash at its end. */
  readonly storagePrefix: string;
  /** Claims so far; every key that a claim writes contains its number. */
  readonly attempt: number;
  /** Claims that ended in a failure of the file or of a worker; outages are taken back. */
  readonly failedAttempts: number;
  readonly createdAtMs: number;
  /** A pending upload is aborted after this. */
  readonly expiresAtMs: number;
  /** When the last presigned request that was minted for it stops working. */
  readonly urlsUntilMs: number;
  /** Until when a claim holds it, or before when it must not be claimed again. */
  readonly leaseUntilMs?: number;
  readonly endedAtMs?: number;
  readonly rejection?: Rejection;
}

/** One line of an upload's timeline. */
export interface UploadEventRecord {
  readonly atMs: number;
  readonly type: UploadEventType;
  readonly detail: string;
}

export const uploadEventTypes = [
  "created",
  "reminted",
  "uploaded",
  "verifying",
  "postponed",
  "ready",
  "rejected",
  "aborted",
] as const;

export type UploadEventType = (typeof uploadEventTypes)[number];
