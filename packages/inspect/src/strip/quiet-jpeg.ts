import { fill, type Patch } from "./blank.ts";
import { joinPieces } from "./pieces.ts";
import { stripJpeg } from "./strip-jpeg.ts";

/** A comment's marker, and its length. */
const commentHeadBytes = 4;
const maxCommentBytes = 0xffff + 2;

/**
 * What to write over a JPEG that may not change its size, so that nothing but its picture is left: what {@link stripJpeg} leaves out
 * becomes comments of zeros, and what follows the picture zeros, where it is more than white space.
 *
 * @param at - where it begins in the file that is written over
 * @throws UnstrippableError
 */
export function quietJpeg(bytes: Buffer, at: number): Patch[] {
  const patches: Patch[] = [];
  const { pieces } = stripJpeg(bytes);
  let from = 0;
  // What stands in place of what lies between two stretches that are kept.
  let instead: Buffer = Buffer.alloc(0);
  for (const piece of pieces) {
    if (!("to" in piece)) {
      instead = Buffer.concat([instead, joinPieces(bytes, [piece])]);
      continue;
    }
    patches.push(...cover(at + from, at + piece.from, instead));
    from = piece.to;
    instead = Buffer.alloc(0);
  }
  // The end of a line before a keyword, say.
  if (!/^[\0\t\n\f\r ]*$/.test(bytes.toString("latin1", from)))
    patches.push(...fill(at + from, at + bytes.length, 0));
  return patches;
}

/** A segment in place of a longer one, and comments over the rest. */
function cover(from: number, to: number, instead: Buffer): Patch[] {
  const patches: Patch[] = instead.length > 0 ? [{ from, bytes: instead }] : [];
  for (let at = from + instead.length; at < to; ) {
    const left = to - at;
    // Never so much that less than a comment is left; bytes of 0xff fill up before any marker (T.81 section B.1.1.2).
    const sizeBytes = Math.min(
      left,
      left - maxCommentBytes < commentHeadBytes ? maxCommentBytes - 4 : maxCommentBytes,
    );
    if (sizeBytes < commentHeadBytes) patches.push(...fill(at, at + sizeBytes, 0xff));
    else {
      const head = Buffer.from([0xff, 0xfe, 0, 0]);
      head.writeUInt16BE(sizeBytes - 2, 2);
      patches.push({ from: at, bytes: head }, ...fill(at + commentHeadBytes, at + sizeBytes, 0));
    }
    at += sizeBytes;
  }
  return patches;
}
