/** H.264 (ITU-T H.264 annex D) and HEVC (ITU-T H.265 annex D) number their messages alike below 128. */
export type NalCodec = "avc" | "hevc";

/**
 * Messages beside pictures (SEI) that say when and how they are to be shown, in numbers alone: buffering and timing, pan-scan, recovery points, film
 * grain, tone mapping, stereo, display orientation, structure of pictures, parameter sets and decoding units, hashes of pictures, time codes, colour
 * volumes, light levels, transfer characteristics, viewing environment, and projections of panoramas.
 *
 * Not among them: what cameras, encoders and broadcasters register or make up (4 and 5: places by the second in AVCHD, captions,
 * settings), messages within messages (30, 37, 133), and whatever else there is.
 */
const keptMessages: ReadonlySet<number> = new Set([
  ...[0, 1, 2, 6, 19, 23, 45, 47, 128, 129, 130, 131, 132, 136, 137, 144, 147, 148, 149],
  ...[150, 151, 152, 153, 154, 155, 156],
]);

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
  if (messages?.every((message) => isKept(message) || isFiller(message))) return undefined;
  const kept = (messages ?? []).filter(isKept).map(({ bytes }) => bytes);
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

const isKept = ({ type }: Message): boolean => keptMessages.has(type);
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
