import { UnstrippableError } from "./pieces.ts";

/** By their second byte (ITU-T T.81 table B.1). */
export const marker = {
  huffmanTables: 0xc4,
  arithmeticConditioning: 0xcc,
  restart: 0xd0,
  lastRestart: 0xd7,
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

/** Frames that decoders know: baseline, extended and progressive, coded by Huffman's codes or arithmetically. */
const frames: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2, 0xc9, 0xca]);

/** Other kinds of frames: lossless, differential, hierarchical; what follows depends on them. */
const unknownFrames: ReadonlySet<number> = new Set([
  0xc3, 0xc5, 0xc6, 0xc7, 0xc8, 0xcb, 0xcd, 0xce, 0xcf, 0xde, 0xdf,
]);

/** Far more than any picture has. */
const maxSegments = 10_000;

export interface Segment {
  /** The marker's second byte. */
  readonly code: number;
  /** Where the marker begins, with bytes of 0xff that fill up before it. */
  readonly from: number;
  /** After marker and length. */
  readonly contentFrom: number;
  readonly contentTo: number;
  /** Of a scan: where the coded data end that follow, and from where on there is another marker. */
  readonly dataTo: number;
  readonly to: number;
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
  const restarts = createRestarts();
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
      segments.push({ code, from, contentFrom: at, contentTo: at, dataTo: at, to: at });
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
    restarts.see(code, content);
    const dataTo = code === marker.scan ? endOfScan(bytes, contentTo, restarts.mostOf(content)) : contentTo;
    at = code === marker.scan ? nextMarker(bytes, dataTo) : contentTo;
    segments.push({ code, from, contentFrom, contentTo, dataTo, to: at });
  }
  return segments;
}

const isRestart = (code: number): boolean => code >= marker.restart && code <= marker.lastRestart;

/** Whether a segment says how pixels are coded. */
export const isCoding = (code: number): boolean =>
  frames.has(code) ||
  code === marker.huffmanTables ||
  code === marker.arithmeticConditioning ||
  (code >= marker.scan && code <= marker.restartInterval);

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
    case marker.arithmeticConditioning:
      return content.length & ~1;
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

/** Follows what is said of restarts: where a scan may have how many. */
function createRestarts() {
  let interval = 0;
  let frame: Buffer | undefined;
  return {
    see(code: number, content: Buffer): void {
      if (frames.has(code)) frame = content;
      if (code === marker.restartInterval) interval = content.readUInt16BE(0);
    },
    /** Restarts that a scan has at most, by its header. */
    mostOf(scan: Buffer): number {
      if (!frame) throw new UnstrippableError("A scan comes before its frame.");
      if (interval === 0) return 0;
      const units = unitsOf(frame, scan);
      return units === undefined ? Number.POSITIVE_INFINITY : Math.max(0, Math.ceil(units / interval) - 1);
    },
  };
}

/** How many units of pixels a scan has between whose restarts are counted (T.81 section A.2); unknown where DNL tells the height. */
function unitsOf(frame: Buffer, scan: Buffer): number | undefined {
  const [height, width] = [frame.readUInt16BE(1), frame.readUInt16BE(3)];
  if (height === 0) return undefined;
  const components = Array.from({ length: frame[5] ?? 0 }, (_, index) => {
    const sampling = frame[7 + index * 3] ?? 0;
    return { id: frame[6 + index * 3], across: sampling >> 4, down: sampling & 15 };
  });
  const acrossAll = Math.max(1, ...components.map(({ across }) => across));
  const downAll = Math.max(1, ...components.map(({ down }) => down));
  if ((scan[0] ?? 0) > 1) return Math.ceil(width / (8 * acrossAll)) * Math.ceil(height / (8 * downAll));
  const one = components.find(({ id }) => id === scan[1]);
  if (!one) throw new UnstrippableError("A scan is of no part of its frame.");
  const columns = Math.ceil(Math.ceil((width * one.across) / acrossAll) / 8);
  return columns * Math.ceil(Math.ceil((height * one.down) / downAll) / 8);
}

/**
 * Coded data end before a marker that is neither a stuffed zero nor the restart whose turn it is (T.81 section B.1.1.2): decoders
 * pass over what follows one that is none, up to the next other marker.
 *
 * @throws UnstrippableError where restarts are out of order, by which some decoders find their way
 */
function endOfScan(bytes: Buffer, from: number, mostRestarts: number): number {
  let restarts = 0;
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    if (next === 0 || next === 0xff) continue;
    if (!isRestart(next) || restarts >= mostRestarts) return at;
    if (next !== marker.restart + (restarts % 8)) throw new UnstrippableError("A restart is out of order.");
    restarts += 1;
  }
  return bytes.length;
}

/** From where coded data end: what comes before the next marker but restarts is nobody's. */
function nextMarker(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1];
    if (next === undefined) break;
    if (next !== 0 && next !== 0xff && !isRestart(next)) return at;
  }
  return bytes.length;
}
