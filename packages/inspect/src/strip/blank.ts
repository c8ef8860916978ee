import type { ByteSource } from "./iso-boxes.ts";
import { createPieces, type Stripped } from "./pieces.ts";

/** Bytes in place of as many of the original. */
export interface Patch {
  readonly from: number;
  readonly bytes: Uint8Array;
}

/** So many zeros at a time: a piece is held in memory. */
const zerosBytes = 1024 * 1024;

/** Zeros over a stretch. */
export function blank(from: number, to: number): Patch[] {
  const patches: Patch[] = [];
  for (let at = from; at < to; at += zerosBytes)
    patches.push({ from: at, bytes: new Uint8Array(Math.min(zerosBytes, to - at)) });
  return patches;
}

/**
 * The original with patches over it: every other byte stays where it is, so that no offset in it changes. A patch that changes
 * nothing is none.
 */
export async function patched(source: ByteSource, patches: readonly Patch[]): Promise<Stripped> {
  const pieces = createPieces(source.sizeBytes);
  let at = 0;
  for (const { from, bytes } of [...patches].sort((a, b) => a.from - b.from)) {
    const skip = Math.max(0, at - from);
    if (skip >= bytes.byteLength) continue;
    const start = from + skip;
    const end = from + bytes.byteLength;
    const fresh = bytes.subarray(skip);
    pieces.keep(at, start);
    if ((await source.read(start, end)).equals(fresh)) pieces.keep(start, end);
    else pieces.put(fresh);
    at = end;
  }
  pieces.keep(at, source.sizeBytes);
  return pieces.finish();
}
