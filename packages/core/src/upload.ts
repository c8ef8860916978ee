import type { Rejection } from "@stowage/protocol";
import type { FileAudience, VersionOfFile } from "./file.ts";

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
  /** An id of its own, for the file that this becomes; once it is a version of another file, that file's. */
  readonly fileId: string;
  /** The version that it is to take the place of, as it was asked for. */
  readonly replaces?: VersionOfFile;
  readonly state: UploadState;
  readonly name: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  /** Lower-case hex: as declared; once ready, as computed. Always there for a single PUT. */
  readonly sha256?: string;
  readonly profile: string;
  readonly metadata: Metadata;
  /** To whom the file that it becomes is shown; absent: to nobody. */
  readonly audience?: FileAudience;
  /** The album that it is sent to. */
  readonly albumId?: string;
  /**
   * Where the client's bytes land. A PUT's is `uploads/…`: never served, never read for anything but promotion. A
   * multipart's is its private key, {@link multipartKey}, under which it stays: its part URLs die with completion.
   */
  readonly landingKey: string;
  /** Where it is sent in parts. */
  readonly multipart?: MultipartTransfer;
  /** Prefix of the private keys of every attempt: `files/…`, without a slash at its end. */
  readonly storagePrefix: string;
  /** Claims so far; every key that a claim writes contains its number. */
  readonly attempt: number;
  /** Claims that ended in a failure, with the one that is held; outages are taken back. */
  readonly failedAttempts: number;
  /** Claims whose worker ended, or was cut off, without giving them back, as far as the upload was claimed again since. */
  readonly lostClaims: number;
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

/** The file that an upload is for: the one that it is to replace a version of, until it has become another. */
export const fileIdOf = ({ fileId, replaces, state }: UploadRecord): string =>
  replaces && state !== "ready" ? replaces.fileId : fileId;

/** How an upload is sent in parts. */
export interface MultipartTransfer {
  /** Of every part but the last, which is the rest. */
  readonly partSizeBytes: number;
  /** The store's id of the multipart upload, once the first parts were asked for. */
  readonly storeUploadId?: string;
}

/** What was last said of a part: the SHA-256 (lower-case hex) that its newest URL demands. */
export interface DeclaredPart {
  readonly partNumber: number;
  readonly sha256: string;
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
  "in-parts",
  "begun",
  "uploaded",
  "verifying",
  "postponed",
  "ready",
  "rejected",
  "aborted",
] as const;

export type UploadEventType = (typeof uploadEventTypes)[number];
