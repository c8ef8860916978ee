import type { Picture } from "./decode-picture.ts";

/** Types and values of TIFF 6.0's fields. */
const short = 3;
const long = 4;
const undefinedBytes = 7;
const uncompressed = 1;
const rgb = 2;
const unassociatedAlpha = 2;

const directoryAt = 8;
const entryBytes = 12;

/** A picture that is not in sRGB yet, with the colour profile that it is in, as an uncompressed TIFF for the next step. */
export function tagPicture({ data, width, height, channels }: Picture, icc: Buffer): Buffer {
  // In the order of their numbers (TIFF 6.0, section 2).
  const fieldsAt = (bitsAt: number, iccAt: number, pixelsAt: number) =>
    [
      { tag: 256, type: long, count: 1, value: width },
      { tag: 257, type: long, count: 1, value: height },
      { tag: 258, type: short, count: channels, value: bitsAt },
      { tag: 259, type: short, count: 1, value: uncompressed },
      { tag: 262, type: short, count: 1, value: rgb },
      { tag: 273, type: long, count: 1, value: pixelsAt },
      { tag: 277, type: short, count: 1, value: channels },
      { tag: 278, type: long, count: 1, value: height },
      { tag: 279, type: long, count: 1, value: data.length },
      ...(channels === 4 ? [{ tag: 338, type: short, count: 1, value: unassociatedAlpha }] : []),
      { tag: 34_675, type: undefinedBytes, count: icc.length, value: iccAt },
    ] as const;
  const bitsAt = directoryAt + 2 + fieldsAt(0, 0, 0).length * entryBytes + 4;
  const iccAt = bitsAt + 2 * channels;
  const pixelsAt = iccAt + icc.length + (icc.length % 2);
  const fields = fieldsAt(bitsAt, iccAt, pixelsAt);
  const head = Buffer.alloc(pixelsAt);
  head.write("II*\0", "latin1");
  head.writeUInt32LE(directoryAt, 4);
  head.writeUInt16LE(fields.length, directoryAt);
  fields.forEach(({ tag, type, count, value }, index) => {
    const at = directoryAt + 2 + index * entryBytes;
    head.writeUInt16LE(tag, at);
    head.writeUInt16LE(type, at + 2);
    head.writeUInt32LE(count, at + 4);
    head.writeUInt32LE(value, at + 8);
  });
  for (let channel = 0; channel < channels; channel += 1) head.writeUInt16LE(8, bitsAt + 2 * channel);
  icc.copy(head, iccAt);
  return Buffer.concat([head, data]);
}
