import type { RejectionCode } from "@stowage/protocol";
import type { ActiveContent } from "../active-content.ts";
import type { Rendition } from "../file.ts";
import type { StreamedBody } from "./object-store.ts";

/** What a derivative may be made of. */
export const derivativeSources = ["image", "document", "video"] as const;

export type DerivativeSource = (typeof derivativeSources)[number];

/** `contain`: whole, never enlarged. `cover`: fills the box, cropped. */
export const derivativeFits = ["contain", "cover"] as const;

export type DerivativeFit = (typeof derivativeFits)[number];

export const derivativeFormats = ["webp", "jpeg", "avif", "png"] as const;

export type DerivativeFormat = (typeof derivativeFormats)[number];

/** A picture to make from every decodable image, of every document's first page, and of every video that can be seen. */
export interface DerivativeSpec {
  /** `[a-z0-9-]`, 1 to 32 characters. */
  readonly name: string;
  /** What it is made of, and of nothing else. Default: all. */
  readonly of?: DerivativeSource;
  /** Pixels, 1 to 16,383. */
  readonly width: number;
  readonly height: number;
  readonly fit: DerivativeFit;
  /** Default: `webp`. */
  readonly format?: DerivativeFormat;
  /** `verify` (default): before the file is ready. `ask`: when it is first asked for. */
  readonly make?: "verify" | "ask";
}

/** Fractions of the upright picture's width and height, from its top left corner. */
export interface DerivativePoint {
  readonly x: number;
  readonly y: number;
}

export interface DerivativePart extends DerivativePoint {
  readonly width: number;
  readonly height: number;
}

/** A derivative to make of one file. */
export interface DerivativeOrder extends DerivativeSpec {
  /** With `cover`: what of the picture is to be shown. Default: all of it. */
  readonly crop?: DerivativePart;
  /** With `cover`: what stays as near to the middle as it can. Default: the middle. */
  readonly focus?: DerivativePoint;
}

export interface InspectionRequest {
  /** Streamed exactly once. */
  readonly body: AsyncIterable<Uint8Array>;
  readonly declaredContentType: string;
  readonly declaredSizeBytes: number;
  /** Lower-case hex. */
  readonly declaredSha256?: string;
  /** SHA-256 (lower-case hex) of each part in order, all of `sizeBytes` but the last, which is the rest. */
  readonly declaredParts?: { readonly sizeBytes: number; readonly sha256s: readonly string[] };
  readonly allowedContentTypes: readonly string[];
  readonly derivatives: readonly DerivativeOrder[];
  /** The page of a document that is drawn, from 1. Default: the first. */
  readonly page?: number;
  /**
   * Given what others than the owner may have of the file, while it can be read; not called where that is nothing. What it
   * throws, `inspect` throws.
   */
  takeRendition?(rendition: RenditionBody): Promise<void>;
  readonly signal?: AbortSignal;
}

/** A rendition's bytes. */
export interface RenditionBody extends StreamedBody {
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface MadeDerivative {
  readonly name: string;
  readonly contentType: string;
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
  /** Lower-case hex. */
  readonly sha256: string;
}

export interface ImageFacts {
  /** Pixels, upright. */
  readonly width: number;
  readonly height: number;
  /** RFC 3339. */
  readonly takenAt?: string;
  /** Base64. */
  readonly thumbhash?: string;
}

export interface DocumentFacts {
  /** From 1; unknown where it takes a password to open it. */
  readonly pageCount?: number;
  /** Nothing of it can be read without a password: it has no derivatives. */
  readonly passwordProtected?: true;
  /** Why it has no derivatives although it was opened: its first page takes too long or too much memory, or fails. */
  readonly undrawn?: "timeout" | "memory" | "failed";
  /** Of the first page. Base64. */
  readonly thumbhash?: string;
}

export interface VideoFacts {
  readonly durationMs?: number;
  /** Pixels, as shown. */
  readonly width?: number;
  readonly height?: number;
  /** Of one of its frames. Base64. */
  readonly thumbhash?: string;
  /**
   * Why it has no derivatives although they were wanted: taking a frame of it takes too long or too much memory, or fails; or it
   * has none that can be taken, however often that is tried.
   */
  readonly undrawn?: "timeout" | "memory" | "failed" | "no-frame";
}

export type Inspection =
  | {
      readonly verdict: "accepted";
      readonly sizeBytes: number;
      readonly sha256: string;
      readonly contentType: string;
      readonly image?: ImageFacts;
      readonly document?: DocumentFacts;
      readonly video?: VideoFacts;
      /** Absent where there is none. */
      readonly activeContent?: readonly ActiveContent[];
      readonly rendition?: Rendition;
      readonly derivatives: readonly MadeDerivative[];
    }
  | { readonly verdict: "rejected"; readonly code: RejectionCode; readonly detail: string };

/**
 * Hashes, identifies and decodes one file. Throws {@link InspectorUnavailableError} where the source broke off or its
 * own processes can't run: neither says anything about the file.
 */
export interface Inspector {
  inspect(request: InspectionRequest): Promise<Inspection>;
}

/** Nothing is known of the file: try again later. */
export class InspectorUnavailableError extends Error {
  readonly code = "inspector-unavailable";
  override readonly name = "InspectorUnavailableError";
}
