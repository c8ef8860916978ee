import { UnstrippableError } from "./pieces.ts";

/** A name, a number, a list or a dictionary, `nothing` for `null`; anything else, a reference among them, is `other`. */
export type PdfValue = string | number | typeof nothing | typeof other | readonly PdfValue[] | PdfEntries;
const other = Symbol("other");
export const nothing = Symbol("null");

/** What concerns a stream, and how it is packed. A key that comes twice is as good as not understood. */
const keys = [
  ...["Type", "Subtype", "Length", "Filter", "DecodeParms"],
  ...["Predictor", "Colors", "BitsPerComponent", "Columns", "EarlyChange"],
] as const;
export interface PdfEntries extends Partial<Record<(typeof keys)[number], PdfValue>> {}
const keySet: ReadonlySet<string> = new Set(keys);
const isKey = (key: string): key is (typeof keys)[number] => keySet.has(key);

/** Longer than any dictionary. */
export const maxDictionaryBytes = 8 * 1024 * 1024;

/** Nested deeper than any dictionary is. */
const maxDepth = 64;

class NotReadableError extends Error {}

export const isPdfSpace = (byte: number | undefined): boolean => byte !== undefined && byte <= 0x20;
const delimiters: ReadonlySet<number> = new Set(Buffer.from("()<>[]{}/%"));

/** Reads values as ISO 32000-2 sections 7.2 and 7.3 write them. */
export function createPdfReader(bytes: Buffer, start: number) {
  const limit = Math.min(bytes.length, start + maxDictionaryBytes);
  let at = start;

  const skip = (): void => {
    for (; at < limit; at += 1) {
      const byte = bytes[at];
      if (byte === 0x25) while (at < limit && bytes[at] !== 0x0a && bytes[at] !== 0x0d) at += 1;
      else if (!isPdfSpace(byte)) return;
    }
  };
  const isTwice = (byte: number): boolean => bytes[at] === byte && bytes[at + 1] === byte;
  const word = (): string => {
    const from = at;
    while (at < limit && !isPdfSpace(bytes[at]) && !delimiters.has(bytes[at] ?? 0)) at += 1;
    return bytes.toString("latin1", from, at);
  };
  const name = (): string => {
    at += 1;
    const text = word();
    return text.includes("#")
      ? text.replace(/#([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
      : text;
  };
  const passString = (): void => {
    let depth = 0;
    do {
      const byte = bytes[at];
      if (byte === 0x5c) at += 1;
      else if (byte === 0x28) depth += 1;
      else if (byte === 0x29) depth -= 1;
      at += 1;
    } while (depth > 0 && at < limit);
  };

  const value = (depth: number): PdfValue => {
    skip();
    if (at >= limit || depth > maxDepth) throw new NotReadableError();
    const byte = bytes[at];
    if (byte === 0x2f) return name();
    if (byte === 0x28) {
      passString();
      return other;
    }
    if (isTwice(0x3c)) return entries(depth + 1);
    if (byte === 0x3c) {
      while (at < limit && bytes[at] !== 0x3e) at += 1;
      at += 1;
      return other;
    }
    if (byte === 0x5b) return list(depth + 1);
    const text = word();
    if (text === "") throw new NotReadableError();
    if (text === "null") return nothing;
    return /^[+-]?\d+$/.test(text) && !isReference() ? Number(text) : other;
  };

  const list = (depth: number): PdfValue => {
    const values: PdfValue[] = [];
    at += 1;
    for (skip(); bytes[at] !== 0x5d; skip()) {
      const held = value(depth);
      if (values.length < maxKeptValues) values.push(held);
    }
    at += 1;
    return values;
  };

  /** Two numbers and a letter, of which the first was read: what that refers to is not known here. */
  const isReference = (): boolean => {
    const match = /^[\0\t\n\f\r ]+\d+[\0\t\n\f\r ]+R(?![^\0\t\n\f\r ()<>[\]{}/%])/.exec(
      bytes.toString("latin1", at, at + 32),
    );
    at += match?.[0].length ?? 0;
    return match !== null;
  };

  const entries = (depth: number): PdfEntries => {
    const found: PdfEntries = {};
    at += 2;
    for (skip(); !isTwice(0x3e); skip()) {
      if (at >= limit || bytes[at] !== 0x2f) throw new NotReadableError();
      const key = name();
      const held = value(depth);
      if (isKey(key)) found[key] = key in found ? other : held;
    }
    at += 2;
    return found;
  };

  const attempt = <Result>(read: () => Result): Result => {
    try {
      return read();
    } catch (error) {
      if (error instanceof NotReadableError)
        throw new UnstrippableError(`A dictionary at ${start} can't be read.`);
      throw error;
    }
  };

  return {
    at: (): number => at,
    /** @returns `undefined` where there is none */
    dictionary(): PdfEntries | undefined {
      skip();
      return isTwice(0x3c) ? attempt(() => entries(0)) : undefined;
    },
    /** Passes over one, of whatever kind. */
    value(): void {
      attempt(() => value(0));
    },
    /** Whether a word comes next, which is then passed over. */
    takes(expected: string): boolean {
      skip();
      if (bytes.toString("latin1", at, at + expected.length) !== expected) return false;
      at += expected.length;
      return true;
    },
  };
}

/** No stream has more filters. */
const maxKeptValues = 64;
