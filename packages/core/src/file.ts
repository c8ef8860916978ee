import type { Metadata } from "./upload.ts";

/**
 * `quarantined`: a later scan found something. `sealed`: it is in an album that was not revealed yet, and nobody's to see. A purged file has no
 * row that can be read.
 */
export const fileStates = ["ready", "quarantined", "trashed", "sealed"] as const;

export type FileState = (typeof fileStates)[number];

/** Why nothing of a file is given out. */
export interface Quarantine {
  readonly atMs: number;
  /** The version in which something was found. */
  readonly version: number;
  /** What the scanner calls it. */
  readonly finding: string;
  /** What scanned it, such as "ClamAV 1.4.3, signatures of 2026-11-25". */
  readonly scanner: string;
  /** What the file was before, and is again once it is released. */
  readonly from: Extract<FileState, "ready" | "trashed">;
}

/** A picture made from a version: a thumbnail, a preview. */
export interface DerivativeRecord {
  /** `thumbnail`, `preview`, or a name of the profile's: `[a-z0-9-]`. */
  readonly name: string;
  readonly key: string;
  readonly contentType: string;
  readonly width: number;
  readonly height: number;
  readonly sizeBytes: number;
  /** Lower-case hex; absent where the row does not say. */
  readonly sha256?: string;
  /** As what it was made ({@link madeAsOf}); absent of what was made before that was kept. */
  readonly madeAs?: string;
}

/**
 * What others than a file's owner get of its bytes: the `original` where it holds nothing that is the owner's alone; a copy
 * `stripped` of places, makers' notes and all that is not needed to show it, of that size and SHA-256 (lower-case hex), which
 * is made when it is first asked for; or `none`, where nothing can tell what a format holds.
 */
export type Rendition = (
  | { readonly kind: "original" | "none" }
  | { readonly kind: "stripped"; readonly sizeBytes: number; readonly sha256: string }
) & {
  /** Of the strippers that said so, which is raised where they leave out more; absent of what was verified before that was kept. */
  readonly version?: number;
};

/** What verification learnt of a file's bytes. */
export interface VersionFacts {
  readonly key: string;
  readonly sizeBytes: number;
  /** Lower-case hex, computed by us from the promoted copy. */
  readonly sha256: string;
  /** From the content, not from what was declared. */
  readonly contentType: string;
  /** Pixels, upright. */
  readonly width?: number;
  readonly height?: number;
  readonly takenAtMs?: number;
  /** Base64. */
  readonly thumbhash?: string;
  /** Of a document, from 1. */
  readonly pageCount?: number;
  /** A document that can't be opened without a password. */
  readonly passwordProtected?: true;
  /** Of a video, whole. */
  readonly durationMs?: number;
  /** What a reader or a player could be made to run or to fetch by it, in order of the names; absent where there is none. */
  readonly activeContent?: readonly string[];
  /** What others than its owner get of it, as strippers of some version said (`knownRendition`); absent where nobody has looked yet. */
  readonly rendition?: Rendition;
  /** The profile under which it was sent; absent of what was sent before that was kept. */
  readonly profile?: string;
  readonly derivatives: readonly DerivativeRecord[];
}

/** To whom a file's owner shows it, beside those that it was granted to: to the people of an organisation, or to everyone. */
export type FileAudience =
  | { readonly kind: "organisation"; readonly organisationId: string }
  | { readonly kind: "public" };

/** What a person owns, with its current version. */
export interface FileRecord {
  readonly id: string;
  readonly ownerId: string;
  readonly state: FileState;
  readonly name: string;
  /** Absent: to nobody. An organisation is always the one that the owner is of: to that of which they are no more, nothing is shown. */
  readonly audience?: FileAudience;
  /** Whether others get the bytes as they were sent, with all that is in them, in place of a rendition. Default: not. */
  readonly sharesOriginal?: true;
  /** The albums that it is in; absent where it is in none, or not ready. */
  readonly albumIds?: readonly string[];
  /** Where it is sealed: the album that is to be revealed. */
  readonly sealedBy?: string;
  /** How often an operator broke the glass to see it, as far as that is still told; absent: not at all. */
  readonly glassBreaks?: number;
  readonly metadata: Metadata;
  /** Number of the current version, from 1. */
  readonly version: number;
  /** The highest number that a version of it was ever given: none is given twice. */
  readonly latestVersion: number;
  /** How many of its versions are `conflict`. */
  readonly conflicts: number;
  readonly current: VersionFacts;
  /** Raised by every change of the file's row; its ETag. */
  readonly revision: number;
  readonly createdAtMs: number;
  /** When it was put into the trash; where it was quarantined while it was ready, when it was. */
  readonly trashedAtMs?: number;
  /** Where it is quarantined. */
  readonly quarantine?: Quarantine;
}

/**
 * `superseded`: it was current once. `conflict`: what it was to replace was not current any more when it was ready (or the
 * file was in the trash), so it is kept beside the current one until its owner makes it current or deletes it.
 */
export const fileVersionStates = ["current", "superseded", "conflict"] as const;

export type FileVersionState = (typeof fileVersionStates)[number];

/** Which version of which file. */
export interface VersionOfFile {
  readonly fileId: string;
  readonly version: number;
}

/** A version in a file's history. */
export interface FileVersionRecord extends VersionOfFile, VersionFacts {
  readonly state: FileVersionState;
  /** As it was sent: the file keeps its own. */
  readonly name: string;
  /** When it was ready. */
  readonly createdAtMs: number;
  /** The upload that brought it. */
  readonly uploadId: string;
}

/** What of a file its owner changes: at least one of these. */
export interface FileChange {
  readonly name?: string | undefined;
  /** In place of all the pairs that there were. */
  readonly metadata?: Metadata | undefined;
  /** `private`: shown to nobody but those that it is granted to, or who are in an album with it. */
  readonly audience?: FileAudience | "private" | undefined;
  readonly sharesOriginal?: boolean | undefined;
  /** In place of all the albums that it was in. */
  readonly albumIds?: readonly string[] | undefined;
}
