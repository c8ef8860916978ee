import type { ByteSource } from "./iso-boxes.ts";
import { createPieces, maxPieces, type Stripped, UnstrippableError } from "./pieces.ts";

/** Bytes in place of as many of the original, or one byte over a stretch of it. */
export type Patch =
  | { readonly from: number; readonly bytes: Uint8Array }
  | { readonly from: number; readonly to: number; readonly fill: number };

/** So much at a time is compared with the original. */
const comparedBytes = 128 * 1024;

/** One byte over a stretch. */
export const fill = (from: number, to: number, byte: number): Patch[] =>
  to > from ? [{ from, to, fill: byte }] : [];

/**
 * To be asked wherever a file decides how many patches there are, before they take all memory and time.
 *
 * @throws UnstrippableError where there are more of them than a file may have pieces
 */
export function assertFew(patches: readonly Patch[]): void {
  if (patches.length > maxPieces) throw new UnstrippableError("It is in too many pieces.");
}

/** Zeros over a stretch. */
export const blank = (from: number, to: number): Patch[] => fill(from, to, 0);

/**
 * The original with patches over it: every other byte stays where it is, so that no offset in it changes. A patch that changes
 * nothing is none. Where two lie over each other the one that begins first counts.
 */
export async function patched(source: ByteSource, patches: readonly Patch[]): Promise<Stripped> {
  const pieces = createPieces(source.sizeBytes);
  let at = 0;
  for (const patch of [...patches].sort((a, b) => a.from - b.from)) {
    const end = "bytes" in patch ? patch.from + patch.bytes.byteLength : patch.to;
    const start = Math.max(at, patch.from);
    if (start >= end) continue;
    pieces.keep(at, start);
    if (await isThere(source, patch, start, end)) pieces.keep(start, end);
    else if ("bytes" in patch) pieces.put(patch.bytes.subarray(start - patch.from));
    else pieces.fill(patch.fill, end - start);
    at = end;
  }
  pieces.keep(at, source.sizeBytes);
  return pieces.finish();
}

/** Whether the original holds at a stretch what a patch has for it. */
async function isThere(source: ByteSource, patch: Patch, from: number, to: number): Promise<boolean> {
  if ("bytes" in patch) return (await source.read(from, to)).equals(patch.bytes.subarray(from - patch.from));
  for (let at = from; at < to; at += comparedBytes) {
    const bytes = await source.read(at, Math.min(to, at + comparedBytes));
    if (bytes[0] !== patch.fill || !bytes.equals(Buffer.alloc(bytes.length, patch.fill))) return false;
  }
  return true;
}
