import type { VersionOfFile } from "../file.ts";

/** What somebody wants to have in one piece. */
export type ArchiveRequest =
  /** Files, whoever owns them. */
  | { readonly kind: "files"; readonly fileIds: readonly string[] }
  /** What is in an album, once it is revealed. */
  | { readonly kind: "album"; readonly albumId: string }
  /** Everything of one's own: all versions, and what is known of oneself. */
  | { readonly kind: "account" };

/**
 * `waiting` until a worker has it in hands; `stale`: something in it is not theirs to see any more, or is another by now, and it is given out no
 * more.
 */
export type ArchiveState = "waiting" | "making" | "ready" | "stale" | "failed";

/** Why a file that was asked for is not in it. One that does not exist is `not-visible` too. */
export type LeftOutReason = "not-visible" | "not-ready" | "no-rendition";

export interface LeftOutFile {
  readonly fileId: string;
  readonly reason: LeftOutReason;
}

/** What is in a part: the bytes of a version, as they were under that key. */
export interface PackedEntry extends VersionOfFile {
  readonly key: string;
}

/** One ZIP file. */
export interface ArchivePart {
  readonly key: string;
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly entries: readonly PackedEntry[];
}

export interface ArchiveFailure {
  readonly code: "archive-empty" | "archive-too-large" | "processing-failed";
  /** A sentence for whoever asked. */
  readonly detail: string;
}

export interface ArchiveRecord {
  readonly id: string;
  readonly ownerId: string;
  readonly request: ArchiveRequest;
  readonly state: ArchiveState;
  readonly createdAtMs: number;
  /** When it is deleted, whatever has become of it. */
  readonly endsAtMs: number;
  /** Of a ready one. */
  readonly parts: readonly ArchivePart[];
  readonly leftOut: readonly LeftOutFile[];
  /** Of a failed one. */
  readonly failure?: ArchiveFailure;
}

/** How long an archive is kept once it is made, and how long one may take until then. */
export const archiveLifetimeMs = 24 * 3600 * 1000;

/** Of one person, that have not ended. */
export const maxArchivesPerPerson = 3;

/** What one request may name. */
export const maxFilesPerArchive = 10_000;

/** Of a ZIP file, below which no program needs ZIP64. One file that is larger is in a part of its own, which does. */
export const maxArchivePartBytes = 4_000_000_000;

/** Beside the manifest; what unpacks an archive may have a limit too. */
export const maxEntriesPerPart = 5_000;

/** Claims of one archive that may fail before it is given up. */
export const maxFailedPackings = 3;

/** Of the files in one archive, unless it is configured otherwise. */
export const defaultMaxArchiveBytes = 20 * 1024 ** 3;
