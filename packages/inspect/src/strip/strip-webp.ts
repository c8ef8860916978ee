import { keptProfile } from "./icc-profile.ts";
import { keptExif } from "./orientation-exif.ts";
import { createPieces, type Stripped, sizeOfPieces, UnstrippableError } from "./pieces.ts";

/** Each of which a file, or a frame, has one. */
const imageChunks: ReadonlySet<string> = new Set(["VP8 ", "VP8L"]);
const singleChunks: ReadonlySet<string> = new Set(["VP8X", "ANIM", "ICCP", "ALPH", "EXIF"]);

/** How many bytes those have that are numbers alone. */
const sizesBytes: ReadonlyMap<string, number> = new Map([
  ["VP8X", 10],
  ["ANIM", 6],
]);

/** Of the flags in VP8X's first byte: whether there is a colour profile, EXIF, and XMP. */
const profileFlag = 0x20;
const exifFlag = 0x08;
const xmpFlag = 0x04;

/** Whether it moves: without it readers pass over frames. */
const animationFlag = 0x02;

/** A frame's position, size, duration and flags, before its chunks. */
const frameHeaderBytes = 16;

interface Chunk {
  readonly type: string;
  readonly from: number;
  readonly contentFrom: number;
  readonly contentTo: number;
  /** With what pads it to an even number of bytes. */
  readonly to: number;
}

/**
 * A WebP with what is needed to show it and nothing else: no EXIF (but the orientation), XMP or unknown chunks, in its frames
 * neither, none a second time, and nothing after its end. Container: RFC 9649 section 2.
 *
 * @throws UnstrippableError
 */
export function stripWebp(file: Uint8Array): Stripped {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (bytes.toString("latin1", 0, 4) !== "RIFF" || bytes.toString("latin1", 8, 12) !== "WEBP")
    throw new UnstrippableError("It has no header.");
  const end = Math.min(bytes.length, 8 + bytes.readUInt32LE(4));
  const chunks = readChunks(bytes, 12, end);
  const told = chunks.find(({ type }) => type === "EXIF");
  const exif = told && keptExif(withoutName(bytes.subarray(told.contentFrom, told.contentTo)));
  const iccp = chunks.find(({ type }) => type === "ICCP");
  const profile = iccp && keptProfile(bytes.subarray(iccp.contentFrom, iccp.contentTo));
  const [first] = chunks;
  const isAnimated = first?.type === "VP8X" && ((bytes[first.contentFrom] ?? 0) & animationFlag) !== 0;
  const pieces = createPieces(bytes.length);
  let hasImage = false;
  const seen = new Set<string>();
  for (const chunk of chunks) {
    const { type, contentFrom, contentTo } = chunk;
    if (!isAnimated && (type === "ANIM" || type === "ANMF")) continue;
    // A picture that moves has its pictures in frames.
    if (isAnimated && (imageChunks.has(type) || type === "ALPH")) continue;
    if (seen.has(type) || (hasImage && (imageChunks.has(type) || type === "ALPH"))) continue;
    if (singleChunks.has(type)) seen.add(type);
    hasImage ||= imageChunks.has(type);
    if ((sizesBytes.get(type) ?? contentTo - contentFrom) !== contentTo - contentFrom)
      throw new UnstrippableError(`A chunk ${type} has not the size that it should have.`);
    if (type === "ANMF") keepFrame(bytes, chunk, pieces);
    else if (type === "EXIF" && exif) keepAs(bytes, chunk, exif, pieces);
    else if (type === "VP8X") {
      const header = Buffer.from(bytes.subarray(contentFrom, contentTo));
      const kept = ~(xmpFlag | (exif ? 0 : exifFlag) | (profile ? 0 : profileFlag));
      header[0] = (header[0] ?? 0) & kept;
      keepAs(bytes, chunk, header, pieces);
    } else if (type === "ICCP" && profile) keepAs(bytes, chunk, profile, pieces);
    else if (imageChunks.has(type) || type === "ANIM" || type === "ALPH")
      keepAs(bytes, chunk, bytes.subarray(contentFrom, contentTo), pieces);
  }
  const kept = pieces.finish().pieces;
  const header = Buffer.from(bytes.subarray(0, 12));
  header.writeUInt32LE(4 + sizeOfPieces(kept), 4);
  const whole = createPieces(bytes.length);
  if (header.equals(bytes.subarray(0, 12))) whole.keep(0, 12);
  else whole.put(header);
  for (const piece of kept) whole.add(piece);
  return whole.finish();
}

/** Some write EXIF as it is in a JPEG. */
const withoutName = (exif: Buffer): Buffer =>
  exif.toString("latin1", 0, 6) === "Exif\0\0" ? exif.subarray(6) : exif;

function readChunks(bytes: Buffer, from: number, to: number): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (let at = from; at < to; ) {
    if (at + 8 > to) throw new UnstrippableError(`A chunk at ${at} is cut.`);
    const sizeBytes = bytes.readUInt32LE(at + 4);
    const contentTo = at + 8 + sizeBytes;
    if (contentTo > to) throw new UnstrippableError(`A chunk at ${at} is cut.`);
    // Some encoders forget what pads the last one.
    const end = Math.min(to, contentTo + (sizeBytes % 2));
    chunks.push({
      type: bytes.toString("latin1", at, at + 4),
      from: at,
      contentFrom: at + 8,
      contentTo,
      to: end,
    });
    at = end;
  }
  return chunks;
}

type Pieces = ReturnType<typeof createPieces>;

/** A chunk with other content, or the same; what pads it is a zero. */
function keepAs(
  bytes: Buffer,
  { type, from, contentFrom, contentTo, to }: Chunk,
  content: Buffer,
  pieces: Pieces,
): void {
  const isSame = bytes.subarray(contentFrom, contentTo).equals(content);
  const isPadded = (contentTo - contentFrom) % 2 === 0 || (to > contentTo && bytes[contentTo] === 0);
  if (isSame && isPadded) {
    pieces.keep(from, to);
    return;
  }
  const head = Buffer.alloc(8);
  head.write(type, 0, "latin1");
  head.writeUInt32LE(content.length, 4);
  pieces.put(head);
  if (isSame) pieces.keep(contentFrom, contentTo);
  else pieces.put(content);
  if (content.length % 2 === 1) pieces.put(Uint8Array.of(0));
}

/** A frame of an animation, with its picture and that one's transparency. */
function keepFrame(bytes: Buffer, { from, contentFrom, contentTo }: Chunk, pieces: Pieces): void {
  const inside = contentFrom + frameHeaderBytes;
  if (inside > contentTo) throw new UnstrippableError(`A frame at ${from} is cut.`);
  const kept = createPieces(bytes.length);
  const chunks = readChunks(bytes, inside, contentTo);
  for (const wanted of [["ALPH"], ["VP8 ", "VP8L"]]) {
    const chunk = chunks.find(({ type }) => wanted.includes(type));
    if (chunk) keepAs(bytes, chunk, bytes.subarray(chunk.contentFrom, chunk.contentTo), kept);
  }
  const head = Buffer.from(bytes.subarray(from, inside));
  const keptPieces = kept.finish().pieces;
  head.writeUInt32LE(frameHeaderBytes + sizeOfPieces(keptPieces), 4);
  if (head.equals(bytes.subarray(from, inside))) pieces.keep(from, inside);
  else pieces.put(head);
  // Each of its chunks is padded, so that it has an even number of bytes itself.
  for (const piece of keptPieces) pieces.add(piece);
}
