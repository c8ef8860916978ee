import {
  type ActiveContent,
  activeContents,
  type DerivativeFormat,
  type DerivativeSpec,
  type DocumentFacts,
  type ImageFacts,
  type RejectionCode,
  type RenditionFacts,
  type VideoFacts,
} from "./inspection.ts";
import { isPackedPieces, type PackedPieces } from "./strip/packed-pieces.ts";

// What crosses the line between the inspector and its decoding processes, in both directions.

export interface DecodeJob {
  readonly path: string;
  readonly declaredContentType: string;
  readonly allowedContentTypes: readonly string[];
  readonly derivatives: readonly DerivativeSpec[];
  /** Of a document, from 1. Default: the first. */
  readonly page?: number;
  /** All frames together. */
  readonly maxPixels: number;
  readonly webpQuality: number;
  readonly webpEffort: number;
  /** Whether to say of which pieces of the file its rendition is made. */
  readonly wantsRendition?: true;
}

export interface EncodedPicture {
  readonly name: string;
  readonly format: DerivativeFormat;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
}

export interface Rejected {
  readonly verdict: "rejected";
  readonly code: RejectionCode;
  readonly detail: string;
}

export interface Accepted {
  readonly verdict: "accepted";
  readonly contentType: string;
  readonly image?: ImageFacts;
  readonly document?: DocumentFacts;
  readonly video?: VideoFacts;
  readonly activeContent?: readonly ActiveContent[];
  readonly rendition?: RenditionFacts;
  /** Of the file, what its rendition is made of. */
  readonly pieces?: PackedPieces;
  readonly pictures: readonly EncodedPicture[];
}

/** What a decoding process found out about a file. */
export type Examination = Accepted | Rejected;

export type ProcessMessage =
  | { readonly kind: "ready" }
  | { readonly kind: "unable-to-start"; readonly reason: string }
  | { readonly kind: "file-unreadable"; readonly reason: string }
  /** Stands should the process come to no better end: what is still to be done is not what the verdict hangs on. */
  | { readonly kind: "so-far"; readonly examination: Accepted }
  | { readonly kind: "examined"; readonly examination: Examination };

/**
 * Reads what came out of a decoding process: whatever took that process over could send anything.
 * @returns `undefined` for anything but a message of the right shape
 */
export function parseProcessMessage(value: unknown): ProcessMessage | undefined {
  if (!isRecord(value)) return undefined;
  if (value.kind === "ready") return { kind: "ready" };
  if (value.kind === "unable-to-start" || value.kind === "file-unreadable") {
    return typeof value.reason === "string" ? { kind: value.kind, reason: value.reason } : undefined;
  }
  if (!isRecord(value.examination)) return undefined;
  const examination = value.examination;
  if (value.kind === "so-far") return isAccepted(examination) ? { kind: "so-far", examination } : undefined;
  if (value.kind !== "examined") return undefined;
  return isAccepted(examination) || isRejected(examination) ? { kind: "examined", examination } : undefined;
}

function isAccepted(value: unknown): value is Accepted {
  return (
    isRecord(value) &&
    value.verdict === "accepted" &&
    typeof value.contentType === "string" &&
    (value.image === undefined || isImageFacts(value.image)) &&
    (value.document === undefined || isDocumentFacts(value.document)) &&
    (value.video === undefined || isVideoFacts(value.video)) &&
    (value.activeContent === undefined || isActiveContent(value.activeContent)) &&
    (value.rendition === undefined || isRenditionFacts(value.rendition)) &&
    (value.pieces === undefined || isPackedPieces(value.pieces)) &&
    Array.isArray(value.pictures) &&
    value.pictures.every(isEncodedPicture)
  );
}

const rejectionCodes: ReadonlySet<unknown> = new Set<RejectionCode>([
  "type-mismatch",
  "type-not-allowed",
  "corrupt",
  "too-many-pixels",
  "archive-unsafe",
  "processing-failed",
]);

function isRejected(value: unknown): value is Rejected {
  return (
    isRecord(value) &&
    value.verdict === "rejected" &&
    rejectionCodes.has(value.code) &&
    typeof value.detail === "string"
  );
}

function isImageFacts(value: unknown): value is ImageFacts {
  return (
    isRecord(value) &&
    isCount(value.width) &&
    isCount(value.height) &&
    (value.orientation === undefined || isCount(value.orientation)) &&
    (value.takenAt === undefined || typeof value.takenAt === "string") &&
    (value.thumbhash === undefined || typeof value.thumbhash === "string") &&
    (value.frames === undefined || isCount(value.frames))
  );
}

const reasonsUndrawn: ReadonlySet<unknown> = new Set<DocumentFacts["undrawn"]>([
  undefined,
  "timeout",
  "memory",
  "failed",
]);

function isDocumentFacts(value: unknown): value is DocumentFacts {
  return (
    isRecord(value) &&
    (value.pageCount === undefined || isCount(value.pageCount)) &&
    (value.passwordProtected === undefined || value.passwordProtected === true) &&
    reasonsUndrawn.has(value.undrawn) &&
    (value.thumbhash === undefined || typeof value.thumbhash === "string")
  );
}

function isRenditionFacts(value: unknown): value is RenditionFacts {
  if (!isRecord(value) || !isCount(value.version)) return false;
  if (value.kind === "original" || value.kind === "none") return true;
  return (
    value.kind === "stripped" &&
    isCount(value.sizeBytes) &&
    typeof value.sha256 === "string" &&
    /^[0-9a-f]{64}$/.test(value.sha256)
  );
}

function isVideoFacts(value: unknown): value is VideoFacts {
  return (
    isRecord(value) &&
    (value.durationMs === undefined || isCount(value.durationMs)) &&
    (value.width === undefined || isCount(value.width)) &&
    (value.height === undefined || isCount(value.height))
  );
}

const knownActiveContents: ReadonlySet<unknown> = new Set(activeContents);

function isActiveContent(value: unknown): value is readonly ActiveContent[] {
  return Array.isArray(value) && value.every((each) => knownActiveContents.has(each));
}

const formats: ReadonlySet<unknown> = new Set<DerivativeFormat>(["webp", "jpeg", "avif", "png"]);

function isEncodedPicture(value: unknown): value is EncodedPicture {
  return (
    isRecord(value) &&
    typeof value.name === "string" &&
    formats.has(value.format) &&
    isCount(value.width) &&
    isCount(value.height) &&
    value.bytes instanceof Uint8Array
  );
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
