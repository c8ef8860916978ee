// The contract of this package: what is asked about a file, and what is answered.
import type { DeclaredParts } from "./part-digests.ts";
import type { ChosenSandbox } from "./sandbox/choose-sandbox.ts";

/** A picture to make of an image, of a document's first page or of a video. Never larger than the image itself. */
export interface DerivativeSpec {
  readonly name: string;
  /** What it is made of, and of nothing else. Default: all. */
  readonly of?: "image" | "document" | "video";
  /** In pixels, 1 to 16,383 (what WebP can hold). */
  readonly width: number;
  /** In pixels, 1 to 16,383. */
  readonly height: number;
  /**
   * `contain`: the whole image, scaled down until it fits within `width` × `height`.
   * `cover`: exactly `width` × `height`, what hangs over is cut off evenly; of an image that is too small
   * for that, the largest piece in the same proportions.
   */
  readonly fit: "contain" | "cover";
  /** What it is encoded as. Default: `webp`. */
  readonly format?: DerivativeFormat;
  /**
   * With `cover`: the part of the upright picture that is to be shown, where it has not the box's proportions its middle.
   * Fractions of its width and height. Default: all of it.
   */
  readonly crop?: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  /** With `cover`: the point that stays as near to the middle as it can. Default: the middle of the picture, or of `crop`. */
  readonly focus?: { readonly x: number; readonly y: number };
}

/** JPEG has no transparency: what is transparent comes out on white. */
export type DerivativeFormat = "webp" | "jpeg" | "avif" | "png";

export interface InspectionRequest {
  /** The bytes, read exactly once. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Lower case, without parameters: `image/jpeg`. */
  readonly declaredContentType: string;
  readonly declaredSizeBytes: number;
  /** Lower-case hex. */
  readonly declaredSha256?: string;
  /** Of a body that was sent in parts; checked in the same pass. */
  readonly declaredParts?: DeclaredParts;
  /** What the profile accepts, in the form of `declaredContentType`. */
  readonly allowedContentTypes: readonly string[];
  /** Made for images that can be decoded and documents that can be drawn, and for nothing else. */
  readonly derivatives: readonly DerivativeSpec[];
  /** The page of a document that is drawn, from 1. Default: the first. */
  readonly page?: number;
  /**
   * Given what others than the owner may have of the file, while it can be read; not called where that is nothing. What it
   * throws, `inspect` throws.
   */
  takeRendition?(rendition: RenditionBody): Promise<void>;
  /** Ends the inspection early: `inspect` then throws. */
  readonly signal?: AbortSignal;
}

/** A rendition's bytes. */
export interface RenditionBody {
  readonly byteLength: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** From the beginning, as often as it is called; a chunk is good until the next is asked for. */
  open(): AsyncIterable<Uint8Array>;
}

/** A picture encoded here: upright, sRGB, without any metadata of the original. */
export interface MadeDerivative {
  readonly name: string;
  readonly contentType: `image/${DerivativeFormat}`;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
  /** Of `bytes`, lower-case hex. */
  readonly sha256: string;
}

export interface ImageFacts {
  /** In pixels, as shown: after the orientation has been applied. */
  readonly width: number;
  readonly height: number;
  /** EXIF orientation as stored, 1 to 8, where the file states one. */
  readonly orientation?: number;
  /** RFC 3339 UTC: EXIF DateTimeOriginal; read as UTC where the camera wrote no OffsetTimeOriginal. */
  readonly takenAt?: string;
  /** Base64. */
  readonly thumbhash?: string;
  /** Pictures in the file (an animation's frames, a TIFF's pages), where there is more than one. */
  readonly frames?: number;
}

export interface DocumentFacts {
  /** As the document states it, from 1; unknown where it can't be opened without a password. */
  readonly pageCount?: number;
  /** Nothing of it can be read without a password (or a certificate's key): it has no derivatives. */
  readonly passwordProtected?: true;
  /** Why it has no derivatives although it was opened: drawing its first page takes too long, too much memory, or fails. */
  readonly undrawn?: "timeout" | "memory" | "failed";
  /** Of the first page. Base64. */
  readonly thumbhash?: string;
}

export const activeContents = [
  /** Scripts: of a document, a drawing or a web page. */
  "javascript",
  /** Actions that start a program or open a file. */
  "launch",
  /** Files within the file. */
  "embedded-files",
  /** Forms that send off what is filled in, or fetch it. */
  "submit",
  /** References to what lies elsewhere, which showing the file fetches or opens. */
  "external",
  /** XFA forms: a program of their own, with scripts. */
  "xfa",
  /** Sound, films and 3D that a document plays. */
  "media",
  /** Macros of office programs. */
  "macros",
] as const;

/** What a reader could be made to run or to fetch by a file. Nothing here ever does. */
export type ActiveContent = (typeof activeContents)[number];

export interface VideoFacts {
  /** Whole milliseconds. */
  readonly durationMs?: number;
  /** In pixels, as shown: turned, and with square pixels. */
  readonly width?: number;
  readonly height?: number;
  /** Of one of its frames. Base64. */
  readonly thumbhash?: string;
  /**
   * Why it has no derivatives although they were wanted: taking a frame of it takes too long, too much memory, or crashes; or
   * it has none (`no-frame`), which is so however often it is tried.
   */
  readonly undrawn?: "timeout" | "memory" | "failed" | "no-frame";
}

/**
 * What others than the owner may be given: the `original` where it holds nothing but what is shown; what is left of it once it is
 * `stripped` of places, makers' notes and other metadata, of that size and SHA-256 (lower-case hex); or `none`.
 */
export type RenditionFacts = (
  | { readonly kind: "original" | "none" }
  | { readonly kind: "stripped"; readonly sizeBytes: number; readonly sha256: string }
) & {
  /** Of the strippers, from 1: raised where they leave out more than before. */
  readonly version: number;
};

export type RejectionCode =
  | "checksum-mismatch"
  | "size-mismatch"
  | "type-mismatch"
  | "type-not-allowed"
  | "corrupt"
  | "too-many-pixels"
  | "archive-unsafe"
  | "timeout"
  | "processing-failed";

/** `detail` is a sentence for the person who uploaded the file. */
export type Inspection =
  | {
      readonly verdict: "accepted";
      readonly sizeBytes: number;
      readonly sha256: string;
      /** What the bytes are, in its canonical form: never just what was declared. */
      readonly contentType: string;
      readonly image?: ImageFacts;
      /** Of a PDF. */
      readonly document?: DocumentFacts;
      readonly video?: VideoFacts;
      /** Without repetition, in the order of `activeContents`; absent where there is none. */
      readonly activeContent?: readonly ActiveContent[];
      /** Absent where it could not be worked out in time. */
      readonly rendition?: RenditionFacts;
      readonly derivatives: readonly MadeDerivative[];
    }
  | {
      readonly verdict: "rejected";
      readonly code: RejectionCode;
      readonly detail: string;
      /** Missing where the body was not read to its end. */
      readonly sizeBytes?: number;
      readonly sha256?: string;
    };

export interface Inspector {
  /**
   * Resolves with a verdict about the file.
   *
   * Throws {@link InspectionFailedError} where no verdict about the file is possible: the body broke off,
   * the disk is full, no decoding process starts, the signal fired, the inspector is closed.
   */
  inspect(request: InspectionRequest): Promise<Inspection>;
  /** What decoding processes are kept from on this machine: found out by trying when first asked, or first needed. */
  sandbox(): Promise<ChosenSandbox>;
  /** Ends every decoding process; inspections still under way throw. */
  close(): Promise<void>;
}
