// Undoes how streams of a PDF are packed (ISO 32000-2 section 7.4), but for the filters of pictures.
import { constants, inflateSync } from "node:zlib";
import type { PdfFilter } from "./pdf-streams.ts";
import type { PdfEntries } from "./pdf-values.ts";

type Undo = (data: Buffer, parameters: PdfEntries, maxBytes: number) => Buffer | Unpacked | undefined;

/** With the short names that inline images have for them, and some readers take everywhere. */
const filters: ReadonlyMap<string, Undo> = new Map([
  ...named(["FlateDecode", "Fl"], fromFlate),
  ...named(["LZWDecode", "LZW"], fromLzw),
  ...named(["ASCIIHexDecode", "AHx"], fromHex),
  ...named(["ASCII85Decode", "A85"], fromAscii85),
  ...named(["RunLengthDecode", "RL"], fromRunLengths),
]);

function named(names: readonly string[], undo: Undo): [string, Undo][] {
  return names.map((name) => [name, undo]);
}

export interface Unpacked {
  readonly bytes: Buffer;
  /** Where what was deflated ends, behind which no reader looks; elsewhere all. */
  readonly packedBytes: number;
}

/** @returns `undefined` where it is packed otherwise, encrypted, damaged, or larger than that once it is unpacked */
export function unpack(
  packed: Buffer,
  packedBy: readonly PdfFilter[],
  maxBytes: number,
): Unpacked | undefined {
  let unpacked: Unpacked | undefined;
  for (const { name, parameters } of packedBy) {
    const bytes = unpacked?.bytes ?? packed;
    const next = parameters && filters.get(name)?.(bytes, parameters, maxBytes);
    if (!next) return undefined;
    const undone = Buffer.isBuffer(next) ? { bytes: next, packedBytes: bytes.length } : next;
    unpacked = { bytes: undone.bytes, packedBytes: unpacked?.packedBytes ?? undone.packedBytes };
  }
  const { bytes, packedBytes } = unpacked ?? { bytes: packed, packedBytes: packed.length };
  return bytes.length <= maxBytes ? { bytes, packedBytes } : undefined;
}

function fromFlate(data: Buffer, parameters: PdfEntries, maxBytes: number): Unpacked | undefined {
  // There are empty ones.
  if (/^[\r\n]{0,4}$/.test(data.toString("latin1", 0, 8))) return { bytes: Buffer.alloc(0), packedBytes: 0 };
  try {
    // Many are cut short by a byte or two, which readers don't mind.
    const inflated = inflateSync(data, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: Math.max(1, maxBytes),
      info: true,
    }) as unknown as { readonly buffer: Buffer; readonly engine: { readonly bytesWritten: number } };
    const bytes = unpredicted(inflated.buffer, parameters);
    return bytes && { bytes, packedBytes: inflated.engine.bytesWritten };
  } catch (error) {
    if (error instanceof RangeError || (error instanceof Error && "errno" in error)) return undefined;
    throw error;
  }
}

/** Section 7.4.4: codes of 9 to 12 bits, which grow a code early where that is not said to be otherwise. */
function fromLzw(data: Buffer, parameters: PdfEntries, maxBytes: number): Buffer | undefined {
  const { EarlyChange: early = 1 } = parameters;
  if (early !== 0 && early !== 1) return undefined;
  const output = growing(maxBytes);
  // Of each code where in the output it was last written, and how long it is.
  const [starts, lengths] = [new Uint32Array(4096), new Uint32Array(4096)];
  let [next, width, bits, held] = [258, 9, 0, 0];
  let last: readonly [from: number, length: number] | undefined;
  for (const byte of data) {
    held = ((held << 8) | byte) & 0xfffff;
    bits += 8;
    if (bits < width) continue;
    bits -= width;
    const code = (held >>> bits) & ((1 << width) - 1);
    if (code === 257) break;
    if (code === 256) {
      [next, width, last] = [258, 9, undefined];
      continue;
    }
    const from = output.length();
    if (code < 256) {
      if (!output.push(code)) return undefined;
    } else {
      const isNew = code === next && last !== undefined;
      if (!isNew && code >= next) return undefined;
      const [copyFrom, length] =
        isNew && last ? [last[0], last[1] + 1] : [starts[code] ?? 0, lengths[code] ?? 0];
      if (!output.copy(copyFrom, length)) return undefined;
    }
    if (last && next < 4096) {
      // What came before and the first byte of this one, which stand one after the other.
      [starts[next], lengths[next]] = [last[0], last[1] + 1];
      next += 1;
      if (next + early >= 1 << width && width < 12) width += 1;
    }
    last = [from, output.length() - from];
  }
  return unpredicted(output.finish(), parameters);
}

function fromHex(data: Buffer): Buffer {
  const text = data.toString("latin1");
  const end = text.indexOf(">");
  const digits = (end === -1 ? text : text.slice(0, end)).replace(/[^0-9a-fA-F]/g, "");
  return Buffer.from(digits.length % 2 === 0 ? digits : `${digits}0`, "hex");
}

/** Section 7.4.3: five characters are four bytes, `z` four zeros, a shorter group at the end a byte less than it has characters. */
function fromAscii85(data: Buffer, _: PdfEntries, maxBytes: number): Buffer | undefined {
  const output = growing(maxBytes);
  let [value, count] = [0, 0];
  const flush = (bytes: number): boolean => {
    for (let index = 0; index < bytes; index += 1)
      if (!output.push(Math.floor(value / 2 ** (24 - 8 * index)) & 0xff)) return false;
    [value, count] = [0, 0];
    return true;
  };
  for (const byte of data) {
    if (byte === tilde) break;
    if (byte <= 0x20) continue;
    if (byte === letterZ && count === 0) {
      if (!flush(4)) return undefined;
      continue;
    }
    if (byte < 0x21 || byte > 0x75) return undefined;
    value = value * 85 + byte - 0x21;
    count += 1;
    if (count === 5 && (value >= 2 ** 32 || !flush(4))) return undefined;
  }
  if (count > 1) {
    const given = count;
    for (; count < 5; count += 1) value = value * 85 + 84;
    if (!flush(given - 1)) return undefined;
  }
  return output.finish();
}

const tilde = 0x7e;
const letterZ = 0x7a;

/** Section 7.4.5. */
function fromRunLengths(data: Buffer, _: PdfEntries, maxBytes: number): Buffer | undefined {
  const output = growing(maxBytes);
  for (let at = 0; at < data.length; ) {
    const length = data[at] ?? 0;
    at += 1;
    if (length === 128) break;
    const count = length < 128 ? length + 1 : 257 - length;
    for (let index = 0; index < count; index += 1)
      if (!output.push(data[length < 128 ? at + index : at] ?? 0)) return undefined;
    at += length < 128 ? count : 1;
  }
  return output.finish();
}

/** Bytes that become more, and no more than that many: each that adds says whether there was room. */
function growing(maxBytes: number) {
  let bytes = Buffer.alloc(Math.min(maxBytes, 64 * 1024));
  let length = 0;
  const hasRoom = (count: number): boolean => {
    if (length + count > maxBytes) return false;
    if (length + count > bytes.length) {
      const larger = Buffer.alloc(Math.min(maxBytes, Math.max(2 * bytes.length, length + count)));
      bytes.copy(larger);
      bytes = larger;
    }
    return true;
  };
  const push = (byte: number): boolean => {
    if (!hasRoom(1)) return false;
    bytes[length] = byte;
    length += 1;
    return true;
  };
  return {
    length: (): number => length,
    push,
    /** Of what is there, which may reach into what is added. */
    copy(from: number, count: number): boolean {
      if (!hasRoom(count)) return false;
      for (let index = 0; index < count; index += 1) push(bytes[from + index] ?? 0);
      return true;
    },
    finish: (): Buffer => bytes.subarray(0, length),
  };
}

/** Section 7.4.4.4: rows of which each begins with how it is to be added up (PNG), or differences of samples (TIFF). */
function unpredicted(data: Buffer, parameters: PdfEntries): Buffer | undefined {
  const {
    Predictor: predictor = 1,
    Colors: colours = 1,
    BitsPerComponent: bits = 8,
    Columns: columns = 1,
  } = parameters;
  if (predictor === 1) return data;
  if (![colours, bits, columns].every((each) => typeof each === "number" && each >= 1 && each <= 2 ** 20))
    return undefined;
  const sampleBits = Number(colours) * Number(bits);
  const pixelBytes = Math.max(1, sampleBits >> 3);
  const rowBytes = Math.ceil((sampleBits * Number(columns)) / 8);
  if (predictor === 2) return bits === 8 ? added(data, rowBytes, pixelBytes) : undefined;
  if (typeof predictor !== "number" || predictor < 10 || predictor > 15) return undefined;
  const rows = Math.ceil(data.length / (rowBytes + 1));
  const output = Buffer.alloc(Math.max(0, data.length - rows));
  for (let row = 0; row < rows; row += 1) {
    const at = row * (rowBytes + 1);
    const to = row * rowBytes;
    const kind = data[at] ?? 0;
    for (let index = 0; index < rowBytes && at + 1 + index < data.length; index += 1) {
      const left = index >= pixelBytes ? (output[to + index - pixelBytes] ?? 0) : 0;
      const up = row > 0 ? (output[to + index - rowBytes] ?? 0) : 0;
      const corner = row > 0 && index >= pixelBytes ? (output[to + index - rowBytes - pixelBytes] ?? 0) : 0;
      output[to + index] = (data[at + 1 + index] ?? 0) + predicted(kind, left, up, corner);
    }
  }
  return output;
}

function predicted(kind: number, left: number, up: number, corner: number): number {
  if (kind === 1) return left;
  if (kind === 2) return up;
  if (kind === 3) return (left + up) >> 1;
  if (kind !== 4) return 0;
  const [toLeft, toUp, toCorner] = [up - corner, left - corner, left + up - 2 * corner].map(Math.abs);
  if ((toLeft ?? 0) <= (toUp ?? 0) && (toLeft ?? 0) <= (toCorner ?? 0)) return left;
  return (toUp ?? 0) <= (toCorner ?? 0) ? up : corner;
}

function added(data: Buffer, rowBytes: number, pixelBytes: number): Buffer {
  const output = Buffer.from(data);
  for (let index = pixelBytes; index < output.length; index += 1)
    if (index % rowBytes >= pixelBytes)
      output[index] = (output[index] ?? 0) + (output[index - pixelBytes] ?? 0);
  return output;
}
