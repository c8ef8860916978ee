import { sizeOfCodes } from "./gif-codes.ts";
import { keptProfile } from "./icc-profile.ts";
import { createPieces, type Stripped, UnstrippableError } from "./pieces.ts";

const extension = 0x21;
const image = 0x2c;
const trailer = 0x3b;
const graphicControl = 0xf9;
const application = 0xff;

/** How often an animation repeats. */
const loops: ReadonlySet<string> = new Set(["NETSCAPE2.0", "ANIMEXTS1.0"]);
const colourProfile = "ICCRGBG1012";

/** Introducer, label, and a block of eleven bytes that names an application. */
const applicationHeaderBytes = 14;

/**
 * A GIF with what is needed to show it and nothing else: no comments, plain text, XMP or other applications' blocks, of those that
 * are known nothing but what they are for, and nothing after its end or
 * that of a picture's codes. GIF89a specification, sections 17 to 27.
 *
 * @throws UnstrippableError
 */
export function stripGif(file: Uint8Array): Stripped {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  if (!/^GIF8[79]a$/.test(bytes.toString("latin1", 0, 6)) || bytes.length < 13)
    throw new UnstrippableError("It has no header.");
  const pieces = createPieces(bytes.length);
  let at = 13 + colourTableBytes(bytes[10] ?? 0);
  pieces.keep(0, Math.min(at, bytes.length));
  while (at < bytes.length) {
    const start = at;
    const introducer = bytes[at];
    if (introducer === trailer) {
      pieces.keep(at, at + 1);
      return pieces.finish();
    }
    if (introducer === image) {
      const blocksFrom = at + 10 + colourTableBytes(bytes[at + 9] ?? 0) + 1;
      at = endOfBlocks(bytes, blocksFrom);
      const data = joinBlocks(bytes, blocksFrom);
      const pixels = bytes.readUInt16LE(start + 5) * bytes.readUInt16LE(start + 7);
      const sizeBytes = sizeOfCodes(data, bytes[blocksFrom - 1] ?? 0, pixels);
      if (sizeBytes === data.length) pieces.keep(start, at);
      else keepBlocks(bytes, start, blocksFrom, sizeBytes, pieces);
    } else if (introducer === extension) {
      at = endOfBlocks(bytes, at + 2);
      const profile = profileOf(bytes, start);
      const keptTo = keptOf(bytes, start, at);
      if (profile?.equals(bytes.subarray(start + applicationHeaderBytes, at))) pieces.keep(start, at);
      else if (profile) {
        pieces.keep(start, start + applicationHeaderBytes);
        pieces.put(profile);
      } else if (keptTo === at) pieces.keep(start, at);
      else if (keptTo !== undefined) {
        pieces.keep(start, keptTo);
        // The block of no bytes that ends a row of them.
        pieces.put(Uint8Array.of(0));
      }
    } else throw new UnstrippableError(`There is no block at ${at}.`);
  }
  throw new UnstrippableError("It has no end.");
}

/** Up to where an extension is kept: to its end, to the end of its first blocks, or not at all. */
function keptOf(bytes: Buffer, from: number, to: number): number | undefined {
  const first = (blockFrom: number, sizeBytes: number): number | undefined => {
    if (bytes[blockFrom] !== sizeBytes) return undefined;
    const end = blockFrom + 1 + sizeBytes;
    return end + 1 === to ? to : end;
  };
  // Flags, a delay and a colour.
  if (bytes[from + 1] === graphicControl) return first(from + 2, 4);
  // A 1, and how often.
  return loops.has(applicationOf(bytes, from)) && bytes[from + applicationHeaderBytes + 1] === 1
    ? first(from + applicationHeaderBytes, 3)
    : undefined;
}

/** Whose block an extension is; empty where it is none's. */
const applicationOf = (bytes: Buffer, from: number): string =>
  bytes[from + 1] === application && bytes[from + 2] === 11
    ? bytes.toString("latin1", from + 3, from + applicationHeaderBytes)
    : "";

/** A colour profile, in blocks, with the one that ends them; `undefined` where an extension is none. */
function profileOf(bytes: Buffer, from: number): Buffer | undefined {
  if (applicationOf(bytes, from) !== colourProfile) return undefined;
  const profile = keptProfile(joinBlocks(bytes, from + applicationHeaderBytes));
  return profile && splitBlocks(profile);
}

/** From a place on up to so many bytes of blocks. */
function keepBlocks(
  bytes: Buffer,
  from: number,
  blocksFrom: number,
  sizeBytes: number,
  pieces: ReturnType<typeof createPieces>,
): void {
  let at = blocksFrom;
  for (let left = sizeBytes; left > 0; ) {
    const blockBytes = bytes[at] ?? 0;
    if (blockBytes > left) {
      pieces.keep(from, at);
      pieces.put(Uint8Array.of(left));
      pieces.keep(at + 1, at + 1 + left);
      pieces.put(Uint8Array.of(0));
      return;
    }
    left -= blockBytes;
    at += 1 + blockBytes;
  }
  pieces.keep(from, at);
  pieces.put(Uint8Array.of(0));
}

function splitBlocks(content: Buffer): Buffer {
  const blocks: Buffer[] = [];
  for (let at = 0; at < content.length; at += 255) {
    const block = content.subarray(at, at + 255);
    blocks.push(Buffer.of(block.length), block);
  }
  return Buffer.concat([...blocks, Buffer.of(0)]);
}

function joinBlocks(bytes: Buffer, from: number): Buffer {
  const blocks: Buffer[] = [];
  for (let at = from; bytes[at]; at += 1 + (bytes[at] ?? 0))
    blocks.push(bytes.subarray(at + 1, at + 1 + (bytes[at] ?? 0)));
  return Buffer.concat(blocks);
}

const colourTableBytes = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));

/** After the block of no bytes that ends a row of them. */
function endOfBlocks(bytes: Buffer, from: number): number {
  for (let at = from; at < bytes.length; ) {
    const sizeBytes = bytes[at] ?? 0;
    at += 1 + sizeBytes;
    if (sizeBytes === 0) return at;
  }
  throw new UnstrippableError(`A block at ${from} is cut.`);
}
