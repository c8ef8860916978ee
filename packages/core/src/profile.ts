import type { DerivativeSpec } from "./ports/inspector.ts";

/** Types, limits and derivatives for one use of uploads. */
export interface Profile {
  readonly name: string;
  /** Largest size by content type; what is not listed is not allowed. */
  readonly maxSizeBytesByType: ReadonlyMap<string, number>;
  readonly derivatives: readonly DerivativeSpec[];
  /**
   * What becomes of documents with scripts, launch actions, embedded files or macros. `flag`: kept, and said.
   * `reject`: refused as `active-content`.
   */
  readonly activeContent: "flag" | "reject";
  /**
   * To whom a file is shown where its sender says nothing of it: to nobody, or to their organisation, where they are of one. That
   * everyone sees it nobody but its sender can say. Default `private`.
   */
  readonly visibility?: "private" | "organisation";
}

/** What WebP can hold, in pixels: no derivative is wider or higher. */
export const maxDerivativeSide = 16_383;

export const maxDerivativesPerProfile = 16;

/** What is asked for like a derivative and is none. */
export const reservedDerivativeNames: ReadonlySet<string> = new Set(["original", "rendition"]);

const MB = 1_000_000;

/** Documents and pictures up to 20 MB: always one PUT. */
export const documentLimitBytes = 20 * MB;

/** Videos up to 2 GB: what is above the single-PUT limit comes in parts. */
export const videoLimitBytes = 2000 * MB;

const pictures = [
  "image/jpeg",
  "image/png",
  "image/webp",
  "image/gif",
  "image/tiff",
  "image/avif",
  "image/heic",
];
const documents = ["application/pdf"];
const videos = ["video/mp4", "video/quicktime", "video/webm"];

/** What an upload gets that names no profile. */
export const defaultProfile: Profile = {
  name: "default",
  maxSizeBytesByType: new Map([
    ...[...pictures, ...documents].map((contentType) => [contentType, documentLimitBytes] as const),
    ...videos.map((contentType) => [contentType, videoLimitBytes] as const),
  ]),
  derivatives: [
    { name: "thumbnail", width: 320, height: 320, fit: "contain" },
    { name: "preview", of: "image", width: 1600, height: 1600, fit: "contain" },
    { name: "poster", of: "video", width: 1600, height: 1600, fit: "contain" },
    { name: "page", of: "document", width: 1600, height: 1600, fit: "contain" },
  ],
  activeContent: "flag",
};
