import { createPieces, type Stripped, UnstrippableError } from "./pieces.ts";

const extension = 0x21;
const image = 0x2c;
const trailer = 0x3b;
const graphicControl = 0xf9;
const application = 0xff;

/** How often an animation repeats, and its colour profile. */
const keptApplications: ReadonlySet<string> = new Set(["NETSCAPE2.0", "ANIMEXTS1.0", "ICCRGBG1012"]);

/**
 * A GIF with what is needed to show it and nothing else: no comments, plain text, XMP or other applications' blocks, and
 * nothing after its end. GIF89a specification, sections 17 to 27.
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
      at = endOfBlocks(bytes, at + 10 + colourTableBytes(bytes[at + 9] ?? 0) + 1);
      pieces.keep(start, at);
    } else if (introducer === extension) {
      const label = bytes[at + 1];
      at = endOfBlocks(bytes, at + 2);
      const isKept =
        label === graphicControl ||
        (label === application &&
          bytes[start + 2] === 11 &&
          keptApplications.has(bytes.toString("latin1", start + 3, start + 14)));
      if (isKept) pieces.keep(start, at);
    } else throw new UnstrippableError(`There is no block at ${at}.`);
  }
  throw new UnstrippableError("It has no end.");
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
