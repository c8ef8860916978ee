import { createScanReader, type JpegCodes, type JpegFrame, type JpegHistory } from "./jpeg-codes.ts";
import { UnstrippableError } from "./pieces.ts";
import type { Stretch } from "./stretches.ts";

/** What was said so far of how scans are coded. */
export interface JpegCoding {
  frame: JpegFrame | undefined;
  readonly codes: Map<number, Buffer>;
  readonly history: JpegHistory;
  /** Units from one restart to the next; 0: there are none. */
  interval: number;
  /** Of all scans so far. */
  units: number;
}

/** Ten scans of 500 megapixels: a few bytes are enough to say that there is more. */
const maxUnits = 80_000_000;

const restart = 0xd0;

export const isRestart = (code: number): boolean => code >= restart && code <= restart + 7;

/** A frame's header (ITU-T T.81 section B.2.2). */
export function readFrame(content: Buffer, isProgressive: boolean): JpegFrame {
  const [height, width] = [content.readUInt16BE(1), content.readUInt16BE(3)];
  if (height === 0) throw new UnstrippableError("It does not say how high it is.");
  const components = Array.from({ length: content[5] ?? 0 }, (_, index) => {
    const sampling = content[7 + index * 3] ?? 0;
    return { id: content[6 + index * 3] ?? 0, across: sampling >> 4, down: sampling & 15 };
  });
  return { isProgressive, width, height, components };
}

/** Tables of codes (section B.2.4.2), by their class and number. */
export function readCodes(content: Buffer, codes: Map<number, Buffer>): void {
  for (let at = 0; at < content.length; ) {
    let count = 0;
    for (let length = 1; length <= 16; length += 1) count += content[at + length] ?? 0;
    codes.set(content[at] ?? 0, content.subarray(at + 1, at + 17 + count));
    at += 17 + count;
  }
}

/**
 * Where a scan's coded data are: they end before a marker that is neither a stuffed zero nor the restart whose turn it is
 * (T.81 section B.1.1.2), and before that where the last code is. Decoders pass over what follows.
 *
 * @param header - of the scan, its content
 * @throws UnstrippableError where restarts are out of order, by which some decoders find their way, or codes stand for nothing
 */
export function readScan(
  bytes: Buffer,
  header: Buffer,
  from: number,
  coding: JpegCoding,
): readonly Stretch[] {
  const { frame, interval, codes, history } = coding;
  if (!frame) throw new UnstrippableError("A scan comes before its frame.");
  const reader = createScanReader(bytes, header, frame, codes satisfies JpegCodes, history);
  coding.units += reader.units;
  if (coding.units > maxUnits) throw new UnstrippableError("It has too many scans for its size.");
  const kept: Stretch[] = [];
  let stretchFrom = from;
  for (let left = reader.units, restarts = 0; ; restarts += 1) {
    const units = interval === 0 ? left : Math.min(interval, left);
    left -= units;
    const to = nextMarker(bytes, stretchFrom);
    const end = reader.readStretch(stretchFrom, to, units);
    // What fills up before a marker is bytes of 0xff.
    const isFilled = bytes.subarray(end, to).every((byte) => byte === 0xff);
    kept.push([stretchFrom, isFilled ? to : end]);
    const code = bytes[to + 1];
    if (left === 0 || code === undefined || !isRestart(code)) return kept;
    if (code !== restart + (restarts % 8)) throw new UnstrippableError("A restart is out of order.");
    kept.push([to, to + 2]);
    stretchFrom = to + 2;
  }
}

/** Up to the next marker, of whatever kind. */
function nextMarker(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    if (next !== 0 && next !== 0xff) return at;
  }
  return bytes.length;
}
