import { crc32, inflateSync } from "node:zlib";
import { keptProfile } from "./icc-profile.ts";
import { keptExif } from "./orientation-exif.ts";
import { createPieces, type Stripped, UnstrippableError } from "./pieces.ts";
import { readLayout, sizeOfPacked, sizeOfRows } from "./png-data.ts";

const signature = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");

/** What pixels and movement are made of, which no picture is shown without (PNG 3rd edition, sections 11.2 and 11.3.6). */
const pixels: ReadonlySet<string> = new Set(["IHDR", "PLTE", "IDAT", "IEND", "acTL", "fcTL", "fdAT"]);

/** How many bytes those have that are numbers alone, colours and sizes among them (section 11.3). */
const sizesBytes: ReadonlyMap<string, readonly number[]> = new Map([
  ["IHDR", [13]],
  ["IEND", [0]],
  ["acTL", [8]],
  ["fcTL", [26]],
  ["gAMA", [4]],
  ["cHRM", [32]],
  ["sRGB", [1]],
  ["cICP", [4]],
  ["mDCV", [24]],
  ["cLLI", [8]],
  ["sBIT", [1, 2, 3, 4]],
  ["bKGD", [1, 2, 6]],
  ["pHYs", [9]],
]);

/** Of each colour of a palette a few bytes: three, and one of transparency. */
const mostBytes: ReadonlyMap<string, number> = new Map([
  ["PLTE", 3 * 256],
  ["tRNS", 256],
]);

/** A colour profile's name, which some programs take from the user's screen, and the only way in which it is packed. */
const profileHeader = Buffer.from("icc\0\0", "latin1");

/** Larger than any profile. */
const maxProfileBytes = 16 * 1024 * 1024;

interface Chunk {
  readonly type: string;
  readonly from: number;
  readonly to: number;
  readonly content: Buffer;
}

/** Of a frame that is not the picture itself, a number comes before data (section 11.3.6.3). */
const frameNumberBytes = 4;

/**
 * A PNG with what is needed to show it and nothing else: no text, EXIF (but the orientation), time, names or private chunks, no frames
 * that are not counted, and nothing after its end or that of its rows.
 *
 * @throws UnstrippableError
 */
export async function stripPng(file: Uint8Array): Promise<Stripped> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  const chunks = readChunks(bytes);
  const pieces = createPieces(bytes.length);
  pieces.keep(0, signature.length);
  const shown = framesOf(chunks);
  const dataTo = await endOfRows(chunks, shown);
  let hasExif = false;
  for (const chunk of chunks) {
    const { type, from, to, content } = chunk;
    if (frameChunks.has(type) && !shown.has(chunk)) continue;
    // Readers take the first.
    if (type === "eXIf" && hasExif) continue;
    hasExif ||= type === "eXIf";
    const kept =
      type === "IDAT" ? content.subarray(0, dataTo.get(chunk) ?? content.length) : keptContent(type, content);
    if (kept?.length === content.length && kept.equals(content)) pieces.keep(from, to);
    else if (kept && type !== "IDAT") pieces.put(chunkOf(type, kept));
    else if (kept && kept.length > 0) {
      const ends = chunkOf(type, kept);
      pieces.put(ends.subarray(0, 8));
      pieces.keep(from + 8, from + 8 + kept.length);
      pieces.put(ends.subarray(-4));
    }
  }
  return pieces.finish();
}

/** Up to and with the end. */
function readChunks(bytes: Buffer): readonly Chunk[] {
  if (!bytes.subarray(0, signature.length).equals(signature))
    throw new UnstrippableError("It has no signature.");
  const chunks: Chunk[] = [];
  for (let at = signature.length; at < bytes.length; ) {
    const to = at + 12 <= bytes.length ? at + 12 + bytes.readUInt32BE(at) : Number.POSITIVE_INFINITY;
    if (to > bytes.length) throw new UnstrippableError(`A chunk at ${at} is cut.`);
    const type = bytes.toString("latin1", at + 4, at + 8);
    chunks.push({ type, from: at, to, content: bytes.subarray(at + 8, to - 4) });
    if (type === "IEND") return chunks;
    at = to;
  }
  throw new UnstrippableError("It has no end.");
}

const frameChunks: ReadonlySet<string> = new Set(["acTL", "fcTL", "fdAT"]);

/** What makes an animation of a picture: of what says before it that there is one, as many frames as that says. */
function framesOf(chunks: readonly Chunk[]): ReadonlySet<Chunk> {
  const shown = new Set<Chunk>();
  const control = chunks.find(({ type }) => type === "acTL" || type === "IDAT");
  if (control?.type !== "acTL" || control.content.length !== 8) return shown;
  shown.add(control);
  let left = control.content.readUInt32BE(0);
  let isIn = false;
  for (const chunk of chunks.slice(chunks.indexOf(control)))
    if (chunk.type === "IDAT") isIn = false;
    else if (chunk.type === "fcTL") {
      isIn = left > 0;
      left -= 1;
      if (isIn) shown.add(chunk);
    } else if (chunk.type === "fdAT" && isIn) shown.add(chunk);
  return shown;
}

/** Of the picture's data, and each frame's, where in them its rows end, if that is before they do. */
async function endOfRows(
  chunks: readonly Chunk[],
  shown: ReadonlySet<Chunk>,
): Promise<ReadonlyMap<Chunk, number>> {
  const [header] = chunks;
  if (header?.type !== "IHDR" || header.content.length !== 13)
    throw new UnstrippableError("It does not say what it is.");
  const layout = readLayout(header.content);
  const rowsOf = ({ content }: Chunk, at: number): number =>
    sizeOfRows(content.readUInt32BE(at), content.readUInt32BE(at + 4), layout);
  const data = chunks.filter(({ type }) => type === "IDAT");
  const ends = new Map<Chunk, number>();
  let left = await sizeOfPacked(
    data.map(({ content }) => content),
    rowsOf(header, 0),
  );
  for (const chunk of data) {
    if (left < chunk.content.length) ends.set(chunk, left);
    left = Math.max(0, left - chunk.content.length);
  }
  let frame: Chunk | undefined;
  let parts: Buffer[] = [];
  const check = async (): Promise<void> => {
    if (!frame || parts.length === 0) return;
    if (frame.content.length !== 26) throw new UnstrippableError("A frame is not built as it should be.");
    const packedBytes = parts.reduce((sum, { length }) => sum + length, 0);
    // Frames are numbered: none of their chunks can go.
    if ((await sizeOfPacked(parts, rowsOf(frame, 4))) < packedBytes)
      throw new UnstrippableError("A frame has more than its rows.");
  };
  for (const chunk of shown)
    if (chunk.type === "fcTL") {
      await check();
      [frame, parts] = [chunk, []];
    } else if (chunk.type === "fdAT") parts.push(chunk.content.subarray(frameNumberBytes));
  await check();
  return ends;
}

/** What is left of a chunk; `undefined` where it goes. */
function keptContent(type: string, content: Buffer): Buffer | undefined {
  if (type === "eXIf") return keptExif(content);
  if (type === "iCCP") return keptProfileChunk(content);
  const isSized =
    (sizesBytes.get(type)?.includes(content.length) ?? !sizesBytes.has(type)) &&
    content.length <= (mostBytes.get(type) ?? content.length);
  if (!isSized && pixels.has(type))
    throw new UnstrippableError(`A chunk ${type} has ${content.length} bytes.`);
  return isSized && (pixels.has(type) || sizesBytes.has(type) || mostBytes.has(type)) ? content : undefined;
}

/** A colour profile under another name, without what follows it; packed as it was where it is the same. */
function keptProfileChunk(content: Buffer): Buffer | undefined {
  const packedFrom = content.indexOf(0) + 2;
  if (packedFrom < 2) return undefined;
  const packed = content.subarray(packedFrom);
  const inflated = inflateProfile(packed);
  const profile = inflated && keptProfile(inflated.buffer);
  if (!profile) return undefined;
  const isSame = profile.equals(inflated.buffer);
  return Buffer.concat([profileHeader, isSame ? packed.subarray(0, inflated.packedBytes) : stored(profile)]);
}

/** What a packed profile is, and how many bytes it takes; `undefined` where nothing is packed there. */
function inflateProfile(
  packed: Buffer,
): { readonly buffer: Buffer; readonly packedBytes: number } | undefined {
  try {
    // Types of Node leave out what it answers with `info`.
    const inflated: unknown = inflateSync(packed, { info: true, maxOutputLength: maxProfileBytes });
    const { buffer, engine } = inflated as {
      readonly buffer: Buffer;
      readonly engine: { readonly bytesWritten: number };
    };
    return { buffer, packedBytes: engine.bytesWritten };
  } catch (error) {
    if (error instanceof RangeError || (error instanceof Error && "errno" in error)) return undefined;
    throw error;
  }
}

/** Longest block of what is not packed (RFC 1951 section 3.2.4). */
const maxStoredBytes = 65_535;

/**
 * As zlib's format has it (RFC 1950), not packed: how tightly a library does that depends on its version and the processor, and what is
 * made of a file must always be the same.
 */
function stored(content: Buffer): Buffer {
  const parts: Buffer[] = [Buffer.of(0x78, 0x01)];
  for (let at = 0; at < content.length; at += maxStoredBytes) {
    const block = content.subarray(at, at + maxStoredBytes);
    const head = Buffer.of(at + block.length === content.length ? 1 : 0, 0, 0, 0, 0);
    head.writeUInt16LE(block.length, 1);
    head.writeUInt16LE(block.length ^ 0xffff, 3);
    parts.push(head, block);
  }
  let [a, b] = [1, 0];
  for (const byte of content) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  const sum = Buffer.alloc(4);
  sum.writeUInt16BE(b, 0);
  sum.writeUInt16BE(a, 2);
  return Buffer.concat([...parts, sum]);
}

function chunkOf(type: string, content: Buffer): Buffer {
  const chunk = Buffer.alloc(12 + content.length);
  chunk.writeUInt32BE(content.length, 0);
  chunk.write(type, 4, "latin1");
  content.copy(chunk, 8);
  chunk.writeUInt32BE(crc32(chunk.subarray(4, 8 + content.length)), 8 + content.length);
  return chunk;
}
