import { UnstrippableError } from "./pieces.ts";

/** Bytes in place of as many, counted from the beginning of what was looked at. */
export interface Edit {
  readonly at: number;
  readonly bytes: Uint8Array;
}

/** By `nal_unit_type` (ITU-T H.265 table 7-1). */
const unit = {
  videoSet: 32,
  pictureSet: 34,
  delimiter: 35,
  endOfBitstream: 37,
  filler: 38,
  sei: 39,
  seiAfter: 40,
};

/** A unit's header (section 7.3.1.2). */
const headerBytes = 2;

/** A message that says nothing (annex D.2.4), and what ends the last one. */
const fillerPayload = 3;
const trailingBits = 0x80;

/**
 * What to write over the units of a coded picture, each behind its length, so that no message is left in them: those of
 * supplemental enhancement information hold whatever an encoder or a camera likes, and no pixel depends on them. Each becomes one
 * of the same size that says nothing.
 *
 * ISO/IEC 14496-15 section 8.3.2; ITU-T H.265 section 7.3, annex D.
 *
 * @param lengthBytes - that a unit's length takes, 1, 2 or 4
 * @throws UnstrippableError where it holds units of a kind that is not known
 */
export function quietHevcUnits(bytes: Buffer, lengthBytes: number): Edit[] {
  const edits: Edit[] = [];
  for (let at = 0; at < bytes.length; ) {
    if (at + lengthBytes > bytes.length) throw new UnstrippableError("A unit of a picture is cut.");
    const from = at + lengthBytes;
    at = from + bytes.readUIntBE(at, lengthBytes);
    if (at > bytes.length) throw new UnstrippableError("A unit of a picture is cut.");
    edits.push(...quietUnit(bytes, from, at));
  }
  return edits;
}

/**
 * The same for `hvcC`'s content: ISO/IEC 14496-15 section 8.3.3.1.
 *
 * @throws UnstrippableError
 */
export function readHevcConfiguration(bytes: Buffer): {
  readonly lengthBytes: number;
  readonly edits: Edit[];
} {
  const edits: Edit[] = [];
  const arrays = bytes[22];
  if (bytes[0] !== 1 || arrays === undefined) throw new UnstrippableError("A picture's hvcC is unknown.");
  let at = 23;
  const uint16 = (): number => {
    if (at + 2 > bytes.length) throw new UnstrippableError("A picture's hvcC is cut.");
    at += 2;
    return bytes.readUInt16BE(at - 2);
  };
  for (let array = 0; array < arrays; array += 1) {
    at += 1;
    for (let units = uint16(); units > 0; units -= 1) {
      const sizeBytes = uint16();
      if (at + sizeBytes > bytes.length) throw new UnstrippableError("A picture's hvcC is cut.");
      edits.push(...quietUnit(bytes, at, at + sizeBytes));
      at += sizeBytes;
    }
  }
  if (at !== bytes.length) throw new UnstrippableError("A picture's hvcC does not end where it should.");
  return { lengthBytes: ((bytes[21] ?? 0) & 3) + 1, edits };
}

function quietUnit(bytes: Buffer, from: number, to: number): Edit[] {
  const sizeBytes = to - from;
  if (sizeBytes < headerBytes) throw new UnstrippableError("A unit of a picture is cut.");
  const type = ((bytes[from] ?? 0) >> 1) & 0x3f;
  // Slices, and what tells how to decode them.
  if (type <= 9 || (type >= 16 && type <= 21) || (type >= unit.videoSet && type <= unit.pictureSet))
    return [];
  const at = from + headerBytes;
  if (type === unit.filler) return [{ at, bytes: ended(Buffer.alloc(sizeBytes - headerBytes, 0xff)) }];
  if (type === unit.sei || type === unit.seiAfter)
    return [{ at, bytes: nothingSaid(sizeBytes - headerBytes) }];
  if (type >= unit.delimiter && type <= unit.endOfBitstream && sizeBytes <= headerBytes + 1) return [];
  throw new UnstrippableError(`A picture holds a unit of type ${type}.`);
}

function ended(content: Buffer): Buffer {
  if (content.length === 0) throw new UnstrippableError("A unit of a picture is cut.");
  content[content.length - 1] = trailingBits;
  return content;
}

/** Messages of filler that take so many bytes, with what ends them. */
function nothingSaid(sizeBytes: number): Buffer {
  const content = ended(Buffer.alloc(sizeBytes, 0xff));
  let at = 0;
  // Each: its type, its length in bytes of 255 and a last one of less, and as many bytes of 255.
  for (let left = sizeBytes - 1; left > 0; ) {
    if (left === 1) throw new UnstrippableError("A message of a picture is cut.");
    let payloadBytes = left - 2 - Math.floor((left - 2) / 256);
    const take = (): number => 2 + Math.floor(payloadBytes / 255) + payloadBytes;
    // One byte left over could hold no message.
    while (take() > left || left - take() === 1) payloadBytes -= 1;
    content[at] = fillerPayload;
    content[at + 1 + Math.floor(payloadBytes / 255)] = payloadBytes % 255;
    at += take();
    left -= take();
  }
  return content;
}
