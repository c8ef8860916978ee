import { open } from "node:fs/promises";
import { fileSource } from "./file-source.ts";
import type { ByteSource } from "./iso-boxes.ts";
import { type Piece, type Stripped, UnstrippableError } from "./pieces.ts";
import { stripGif } from "./strip-gif.ts";
import { stripHeif } from "./strip-heif.ts";
import { stripJpeg } from "./strip-jpeg.ts";
import { stripMovie } from "./strip-movie.ts";
import { stripPdf } from "./strip-pdf.ts";
import { stripPng } from "./strip-png.ts";
import { stripWebm } from "./strip-webm.ts";
import { stripWebp } from "./strip-webp.ts";
import { wholeTypes } from "./whole-types.ts";

/** What others than a file's owner may be given of it, and of which pieces of the original it is made. */
export type RenditionPlan =
  | { readonly kind: "original" | "none" }
  | { readonly kind: "stripped"; readonly pieces: readonly Piece[] };

/** Pictures are read whole; a larger one has previews alone. */
const maxPictureBytes = 256 * 1024 * 1024;

type Stripper = (source: ByteSource) => Promise<Stripped>;

const inMemory =
  (strip: (bytes: Uint8Array) => Stripped | Promise<Stripped>): Stripper =>
  async (source) => {
    if (source.sizeBytes > maxPictureBytes) throw new UnstrippableError("It is too large.");
    return strip(await source.read(0, source.sizeBytes));
  };

/** Formats that are stripped without encoding anything again. */
const strippers: ReadonlyMap<string, Stripper> = new Map([
  ["image/jpeg", inMemory(stripJpeg)],
  ["image/png", inMemory(stripPng)],
  ["image/webp", inMemory(stripWebp)],
  ["image/gif", inMemory(stripGif)],
  ["image/heic", (source) => stripHeif(source)],
  ["image/avif", (source) => stripHeif(source)],
  ["video/mp4", (source) => stripMovie(source)],
  ["video/quicktime", (source) => stripMovie(source)],
  ["video/webm", (source) => stripWebm(source)],
  ["application/pdf", (source) => stripPdf(source)],
]);

/**
 * Plans what others get of a file. Reads what a stranger has made: for decoding processes only.
 */
export async function planRendition(path: string, contentType: string): Promise<RenditionPlan> {
  const strip = strippers.get(contentType);
  if (!strip) return { kind: wholeTypes.has(contentType) ? "original" : "none" };
  await using file = await open(path);
  try {
    const { pieces, isSame } = await strip(await fileSource(file));
    return isSame ? { kind: "original" } : { kind: "stripped", pieces };
  } catch (error) {
    if (error instanceof UnstrippableError) return { kind: "none" };
    throw error;
  }
}
