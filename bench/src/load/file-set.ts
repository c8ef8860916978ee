import { createHash } from "node:crypto";
import { createReadStream, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { makeBodies } from "./bodies.ts";
import { writeVideoFile } from "./video-file.ts";

/** A file on disk, to be sent. */
export interface FileToSend {
  readonly path: string;
  readonly name: string;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

const leastBytes = 1000;
const mostBytes = 25_000_000;
/** Makes files of 1 MB on the average of those sizes: more small ones than large ones. */
const skew = 2.6;
/** What the product takes as a document; larger ones are films. */
const documentBytes = 20_000_000;

/**
 * So many different files of 1 KB to 25 MB, 1 MB on the average, in a folder; in an order in which sizes are mixed, the
 * same each time.
 */
export async function writeFileSet(directory: string, count: number): Promise<FileToSend[]> {
  mkdirSync(directory);
  const files: FileToSend[] = [];
  for (const [index, sizeBytes] of fileSizes(count).entries()) {
    const isFilm = sizeBytes > documentBytes;
    const name = `${String(index).padStart(4, "0")}.${isFilm ? "mp4" : "pdf"}`;
    const path = join(directory, name);
    if (isFilm) writeVideoFile(path, sizeBytes);
    else for (const { bytes } of makeBodies(1, sizeBytes)) writeFileSync(path, bytes);
    const contentType = isFilm ? "video/mp4" : "application/pdf";
    files.push({ path, name, contentType, sizeBytes, sha256: await sha256Of(path) });
  }
  return files;
}

/** In bytes, in their order. */
export const fileSizes = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => sizeOf(mixed(index, count), count));

const sizeOf = (rank: number, count: number): number =>
  Math.round(leastBytes * (mostBytes / leastBytes) ** (((rank + 0.5) / count) ** skew));

/** Each of `0…count - 1` once, neighbours far apart: a step by the golden ratio, made prime to the count. */
function mixed(index: number, count: number): number {
  let step = Math.max(1, Math.round(count * 0.618));
  while (greatestCommonDivisor(step, count) !== 1) step += 1;
  return (index * step) % count;
}

const greatestCommonDivisor = (one: number, other: number): number =>
  other === 0 ? one : greatestCommonDivisor(other, one % other);

/** Lower-case hex, of what is on disk. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}
