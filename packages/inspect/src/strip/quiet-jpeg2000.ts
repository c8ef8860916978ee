import { fill, type Patch } from "./blank.ts";
import { type Box, bytesSource, readBoxes } from "./iso-boxes.ts";
import { UnstrippableError } from "./pieces.ts";

const signature = Buffer.from("\0\0\0\x0cjP  \r\n\x87\n", "latin1");

/** What says how pixels are to be shown, and those (ISO/IEC 15444-1 annex I). */
const keptBoxes: ReadonlySet<string> = new Set(["jP  ", "ftyp", "jp2h", "jp2c"]);
const keptInHeader: ReadonlySet<string> = new Set(["ihdr", "bpcc", "colr", "pclr", "cmap", "cdef", "res "]);

/** Annex A: a codestream's beginning, a tile-part's, of its data, a comment, and the end. */
const marker = { start: 0xff4f, tilePart: 0xff90, data: 0xff93, comment: 0xff64, end: 0xffd9 };

/**
 * What to write over a JPEG 2000 that may not change its size, so that nothing but its picture is left: boxes of other kinds (EXIF,
 * XMP, places) become `free`, comments zeros.
 *
 * @param at - where it begins in the file that is written over
 * @throws UnstrippableError
 */
export async function quietJpeg2000(bytes: Buffer, at: number): Promise<Patch[]> {
  const patches: Patch[] = [];
  if (!bytes.subarray(0, signature.length).equals(signature)) {
    quietCodestream(bytes, 0, bytes.length, at, patches);
    return patches;
  }
  const source = bytesSource(bytes);
  const release = ({ from, contentFrom, to }: Box): void => {
    patches.push({ from: at + from + 4, bytes: Buffer.from("free") }, ...fill(at + contentFrom, at + to, 0));
  };
  for (const box of await readBoxes(source, 0, bytes.length)) {
    if (!keptBoxes.has(box.type)) release(box);
    else if (box.type === "jp2c") quietCodestream(bytes, box.contentFrom, box.to, at, patches);
    else if (box.type === "jp2h")
      for (const inside of await readBoxes(source, box.contentFrom, box.to))
        if (!keptInHeader.has(inside.type)) release(inside);
  }
  return patches;
}

function quietCodestream(bytes: Buffer, from: number, to: number, base: number, patches: Patch[]): void {
  const uint16 = (at: number): number => {
    if (at + 2 > to) throw new UnstrippableError("A picture is cut.");
    return bytes.readUInt16BE(at);
  };
  if (uint16(from) !== marker.start) throw new UnstrippableError("A picture has no start.");
  let tilePartTo: number | undefined;
  for (let at = from + 2; at < to; ) {
    const code = uint16(at);
    if (code === marker.end) {
      patches.push(...fill(base + at + 2, base + to, 0));
      return;
    }
    if (code === marker.data) {
      if (tilePartTo === undefined || tilePartTo <= at || tilePartTo > to)
        throw new UnstrippableError("A picture's tiles are not where they should be.");
      at = tilePartTo;
      tilePartTo = undefined;
      continue;
    }
    const segmentTo = at + 2 + uint16(at + 2);
    if (code < 0xff50 || code > marker.tilePart || segmentTo > to || segmentTo < at + 4)
      throw new UnstrippableError("A picture is not built as it should be.");
    if (code === marker.tilePart) {
      if (segmentTo !== at + 12)
        throw new UnstrippableError("A picture's tile is not built as it should be.");
      const sizeBytes = bytes.readUInt32BE(at + 6);
      tilePartTo = sizeBytes === 0 ? lastTileTo(bytes, to) : at + sizeBytes;
    } else if (code === marker.comment) patches.push(...fill(base + at + 4, base + segmentTo, 0));
    at = segmentTo;
  }
}

/** One that does not say how long it is goes on to the end. */
const lastTileTo = (bytes: Buffer, to: number): number =>
  to >= 2 && bytes.readUInt16BE(to - 2) === marker.end ? to - 2 : to;
