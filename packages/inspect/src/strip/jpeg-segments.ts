import { isRestart, type JpegCoding, readCodes, readFrame, readScan } from "./jpeg-scan.ts";
import { UnstrippableError } from "./pieces.ts";
import type { Stretch } from "./stretches.ts";

/** By their second byte (ITU-T T.81 table B.1). */
export const marker = {
  huffmanTables: 0xc4,
  start: 0xd8,
  end: 0xd9,
  scan: 0xda,
  quantizationTables: 0xdb,
  numberOfLines: 0xdc,
  restartInterval: 0xdd,
  app0: 0xe0,
  app1: 0xe1,
  app2: 0xe2,
  app14: 0xee,
} as const;

const progressive = 0xc2;

/** Frames that decoders know, coded by Huffman's codes: baseline, extended, progressive. */
const frames: ReadonlySet<number> = new Set([0xc0, 0xc1, progressive]);

/** Other kinds of frames: lossless, differential, hierarchical, coded arithmetically; what follows depends on them. */
const unknownFrames: ReadonlySet<number> = new Set([
  ...[0xc3, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf, 0xde, 0xdf],
]);

/** Far more than any picture has. */
const maxSegments = 10_000;

/** Of a progressive picture some ten, and at most one for each coefficient of each colour; more are there to cost time. */
const maxScans = 200;

export interface Segment {
  /** The marker's second byte. */
  readonly code: number;
  /** Where the marker begins, with bytes of 0xff that fill up before it. */
  readonly from: number;
  /** After marker and length. */
  readonly contentFrom: number;
  readonly contentTo: number;
  /** Of a scan: the coded data that follow. */
  readonly data: readonly Stretch[];
}

/**
 * What a JPEG consists of, from after its start up to and with its end; what follows that is none of its.
 *
 * ITU-T T.81 annex B.
 *
 * @throws UnstrippableError where there is something else between, or what tells how to decode it holds more than that
 */
export function readSegments(bytes: Buffer): readonly Segment[] {
  if (bytes[0] !== 0xff || bytes[1] !== marker.start) throw new UnstrippableError("It has no start.");
  const segments: Segment[] = [];
  let scans = 0;
  const coding: JpegCoding = {
    frame: undefined,
    codes: new Map(),
    history: new Map(),
    interval: 0,
    units: 0,
  };
  for (let at = 2; at < bytes.length; ) {
    if (segments.length >= maxSegments) throw new UnstrippableError("It has too many segments.");
    const from = at;
    if (bytes[at] !== 0xff) throw new UnstrippableError(`There is no marker at ${at}.`);
    while (bytes[at] === 0xff) at += 1;
    const code = bytes[at];
    at += 1;
    if (code === undefined || code === 0) throw new UnstrippableError(`There is no marker at ${from}.`);
    // Markers that stand alone: the end; TEM and, where a scan was cut, restarts.
    if (code === marker.end || code === 0x01 || isRestart(code)) {
      segments.push({ code, from, contentFrom: at, contentTo: at, data: [] });
      if (code === marker.end) return segments;
      continue;
    }
    const lengthBytes = at + 2 <= bytes.length ? bytes.readUInt16BE(at) : 0;
    const contentFrom = at + 2;
    const contentTo = at + lengthBytes;
    if (lengthBytes < 2 || contentTo > bytes.length)
      throw new UnstrippableError(`A segment at ${from} is cut.`);
    const content = bytes.subarray(contentFrom, contentTo);
    check(code, content);
    see(code, content, coding);
    if (code === marker.scan) scans += 1;
    if (scans > maxScans) throw new UnstrippableError("It has too many scans.");
    const data = code === marker.scan ? readScan(bytes, content, contentTo, coding) : [];
    at = code === marker.scan ? afterScan(bytes, contentTo) : contentTo;
    segments.push({ code, from, contentFrom, contentTo, data });
  }
  return segments;
}

/** Whether a segment says how pixels are coded. */
export const isCoding = (code: number): boolean =>
  frames.has(code) ||
  code === marker.huffmanTables ||
  (code >= marker.scan && code <= marker.restartInterval);

/** Remembers what says how the scans are coded that follow. */
function see(code: number, content: Buffer, coding: JpegCoding): void {
  if (frames.has(code)) coding.frame = readFrame(content, code === progressive);
  else if (code === marker.huffmanTables) readCodes(content, coding.codes);
  else if (code === marker.restartInterval) coding.interval = content.readUInt16BE(0);
}

/** What says how pixels are coded says nothing else: there is no room for it. */
function check(code: number, content: Buffer): void {
  if (unknownFrames.has(code)) throw new UnstrippableError(`Its frame of kind ${code} is not known.`);
  if (isCoding(code) && codingBytes(code, content) !== content.length)
    throw new UnstrippableError(`A segment of kind ${code} has not the size that it should have.`);
}

function codingBytes(code: number, content: Buffer): number {
  if (frames.has(code)) return 6 + 3 * (content[5] ?? 0);
  switch (code) {
    case marker.scan:
      return 4 + 2 * (content[0] ?? 0);
    case marker.restartInterval:
    case marker.numberOfLines:
      return 2;
    case marker.quantizationTables: {
      let at = 0;
      while (at < content.length) at += ((content[at] ?? 0) & 0xf0) === 0 ? 65 : 129;
      return at;
    }
    default: {
      let at = 0;
      while (at < content.length) {
        let codes = 0;
        for (let length = 1; length <= 16; length += 1) codes += content[at + length] ?? 0;
        at += 17 + codes;
      }
      return at;
    }
  }
}

/** After a scan's data, and what may follow them, the next marker comes that is no restart. */
function afterScan(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    if (next !== 0 && next !== 0xff && !isRestart(next)) return at;
  }
  return bytes.length;
}
