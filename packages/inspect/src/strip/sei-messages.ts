/** H.264 (ITU-T H.264 annex D) and HEVC (ITU-T H.265 annex D) number their messages alike below 128. */
export type NalCodec = "avc" | "hevc";

/**
 * Messages beside pictures (SEI) that say when and how they are to be shown, in numbers alone, and how many bytes of them there can be (the least, and
 * the most, of what encoders have of them): buffering and timing, pan-scan, recovery points, stereo, display orientation, and of HDR its
 * display, light, transfer, surroundings and colours; panoramas.
 *
 * Not among them: what cameras, encoders and broadcasters register or make up (4 and 5: places by the second in AVCHD, captions,
 * settings), tables of any length (film grain 19, tone mapping 23, regions of panoramas 155), messages within messages (30, 37, 133), and whatever else there is.
 */
const inBoth: readonly (readonly [type: number, least: number, most: number])[] = [
  [0, 1, 64],
  [1, 0, 64],
  [2, 1, 48],
  [6, 1, 9],
  [45, 1, 18],
  [47, 1, 8],
  [137, 24, 24],
  [144, 4, 4],
  [147, 1, 1],
  [148, 8, 8],
  [149, 1, 40],
  [150, 1, 3],
  [151, 1, 1],
  [154, 1, 13],
];
/** Of HEVC alone: its parameter sets, decoding units, layers, hashes of pictures, and time codes. */
const inHevc: typeof inBoth = [
  [129, 1, 24],
  [130, 1, 16],
  [131, 2, 2],
  [132, 3, 49],
  [136, 1, 27],
];
const keptMessages: Readonly<Record<NalCodec, ReadonlyMap<number, readonly [least: number, most: number]>>> =
  {
    avc: new Map(inBoth.map(([type, ...sizes]) => [type, sizes])),
    hevc: new Map([...inBoth, ...inHevc].map(([type, ...sizes]) => [type, sizes])),
  };

/** What stands for nothing (D.1.4, D.2.4): bytes of 0xff. */
const fillerMessage = 3;
const fillerByte = 0xff;
/** What a list of messages ends in: a one, and zeros up to the end of a byte. */
const listEnd = 0x80;

export const headerBytesOf = (codec: NalCodec): number => (codec === "avc" ? 1 : 2);

/** A unit of messages as long as the one that it is instead of: its head, so much filler, and its last byte. */
export interface RewrittenMessages {
  readonly head: Buffer;
  readonly fillBytes: number;
  readonly fill: typeof fillerByte;
  readonly end: typeof listEnd;
}

/**
 * A NAL unit of messages in which those that are not kept are one of filler, and nothing is longer or shorter than before, whatever
 * bytes its encoder had to put in between (7.4.1: three bytes of which the last is 3 stand for two zeros). One that can't be read, or has no room
 * for that, is filler altogether.
 *
 * @returns `undefined` where all are kept; `"unit"` where it is too short to hold filler, so that it must be another unit altogether
 */
export function rewriteMessages(unit: Buffer, codec: NalCodec): RewrittenMessages | "unit" | undefined {
  const header = unit.subarray(0, headerBytesOf(codec));
  const messages = readMessages(withoutStops(unit.subarray(header.length)));
  if (messages?.every((message) => isKept(message, codec) || isFiller(message))) return undefined;
  const kept = (messages ?? []).filter((message) => isKept(message, codec)).map(({ bytes }) => bytes);
  return (
    fillUp(header, Buffer.concat(kept), unit.length) ?? fillUp(header, Buffer.alloc(0), unit.length) ?? "unit"
  );
}

function fillUp(header: Buffer, kept: Buffer, sizeBytes: number): RewrittenMessages | undefined {
  // What comes next decides whether the last zeros of what is kept need a byte in between.
  const escaped = withStops(Buffer.concat([kept, Buffer.of(fillerMessage)])).subarray(0, -1);
  const room = sizeBytes - header.length - escaped.length - 1;
  if (room < 2) return undefined;
  // One message can't have any size: its size is said in bytes of which each but the last is 255.
  for (const before of [Buffer.alloc(0), Buffer.of(fillerMessage, 0)]) {
    const left = room - before.length;
    for (let sizes = 1; sizes <= Math.ceil(left / 256) + 1; sizes += 1) {
      const fillBytes = left - 1 - sizes;
      if (fillBytes < 0 || Math.floor(fillBytes / 255) + 1 !== sizes) continue;
      const said = Buffer.alloc(sizes, 0xff);
      said[sizes - 1] = fillBytes % 255;
      const head = Buffer.concat([header, escaped, before, Buffer.of(fillerMessage), said]);
      return { head, fillBytes, fill: fillerByte, end: listEnd };
    }
  }
  return undefined;
}

function isKept({ type, payload }: Message, codec: NalCodec): boolean {
  const [least, most] = keptMessages[codec].get(type) ?? [1, 0];
  return payload.length >= least && payload.length <= most;
}
const isFiller = ({ type, payload }: Message): boolean =>
  type === fillerMessage && payload.every((byte) => byte === fillerByte);

interface Message {
  readonly type: number;
  readonly payload: Buffer;
  /** With its type and size. */
  readonly bytes: Buffer;
}

/** @returns `undefined` where they don't end where the unit does */
function readMessages(bytes: Buffer): readonly Message[] | undefined {
  const end = bytes.length - trailingZeros(bytes) - 1;
  if (bytes[end] !== listEnd) return undefined;
  const messages: Message[] = [];
  for (let at = 0; at < end; ) {
    const type = readNumber(bytes, at);
    const size = readNumber(bytes, type.end);
    const to = size.end + size.value;
    if (to > end) return undefined;
    messages.push({ type: type.value, payload: bytes.subarray(size.end, to), bytes: bytes.subarray(at, to) });
    at = to;
  }
  return messages;
}

/** Bytes of 255, and one that is less; their sum (7.3.2.3.1). */
function readNumber(bytes: Buffer, from: number): { readonly value: number; readonly end: number } {
  let value = 0;
  let at = from;
  for (; bytes[at] === 0xff; at += 1) value += 255;
  return { value: value + (bytes[at] ?? 0), end: at + 1 };
}

function trailingZeros(bytes: Buffer): number {
  let count = 0;
  while (count < bytes.length && bytes[bytes.length - 1 - count] === 0) count += 1;
  return count;
}

/** Without the bytes of 3 that keep two zeros from looking like the beginning of a unit. */
function withoutStops(bytes: Buffer): Buffer {
  const out = Buffer.alloc(bytes.length);
  let length = 0;
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte === 3) {
      zeros = 0;
      continue;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out[length] = byte;
    length += 1;
  }
  return out.subarray(0, length);
}

function withStops(bytes: Buffer): Buffer {
  const out: number[] = [];
  let zeros = 0;
  for (const byte of bytes) {
    if (zeros >= 2 && byte <= 3) {
      out.push(3);
      zeros = 0;
    }
    zeros = byte === 0 ? zeros + 1 : 0;
    out.push(byte);
  }
  return Buffer.from(out);
}
