import { UnstrippableError } from "./pieces.ts";

/** A stream of a PDF (ISO 32000-2 section 7.3.8), wherever in the file it stands. */
export interface PdfStream {
  readonly type: string | undefined;
  readonly subtype: string | undefined;
  /** In the order in which they are to be undone; `undefined` where that is not said here. */
  readonly filters: readonly string[] | undefined;
  /** The data, as they are stored. */
  readonly from: number;
  readonly to: number;
}

/** Longer than any dictionary. */
const maxDictionaryBytes = 8 * 1024 * 1024;

/** So often may the file be gone through, which overlapping objects could make it be without end. */
const maxReadings = 4;

/** Nested deeper than any dictionary is. */
const maxDepth = 64;

/**
 * Every stream that stands in the open, by its own dictionary: streams are in no other stream, and their dictionaries are not
 * encrypted. Neither cross-references nor what else is around decide where one begins, so that those of earlier revisions and
 * such that nothing refers to are found too.
 *
 * @throws UnstrippableError where objects overlap one another without end, or a dictionary can't be read
 */
export function* readPdfStreams(bytes: Buffer): Generator<PdfStream> {
  let left = maxReadings * bytes.length + maxDictionaryBytes;
  for (let at = bytes.indexOf("obj"); at !== -1; at = bytes.indexOf("obj", at + 3)) {
    // Behind the number of a generation, and not the end of `endobj`.
    if (
      !isSpace(bytes[at - 1]) ||
      !/\d[\0\t\n\f\r ]+$/.test(bytes.toString("latin1", Math.max(0, at - 16), at))
    )
      continue;
    const reader = createReader(bytes, at + 3);
    const dictionary = reader.dictionary();
    left -= reader.at() - at;
    if (left < 0) throw new UnstrippableError("Its objects overlap one another.");
    const from = dictionary && reader.streamFrom();
    if (!dictionary || from === undefined) continue;
    const to = endOfStream(bytes, from, dictionary.Length);
    left -= to - from;
    const { Type: type, Subtype: subtype, Filter: filter = [] } = dictionary;
    yield {
      type: typeof type === "string" ? type : undefined,
      subtype: typeof subtype === "string" ? subtype : undefined,
      filters: filtersOf(filter),
      from,
      to,
    };
  }
}

function filtersOf(value: Value): readonly string[] | undefined {
  const list = Array.isArray(value) ? value : [value];
  const names = list.filter((each): each is string => typeof each === "string");
  return names.length === list.length ? names : undefined;
}

/** Where the dictionary says so, if the keyword is there; else at the first keyword that an object's end follows. */
function endOfStream(bytes: Buffer, from: number, length: Value | undefined): number {
  if (typeof length === "number" && Number.isSafeInteger(length) && length >= 0) {
    const to = from + length;
    if (/^[\0\t\n\f\r ]{0,4}endstream/.test(bytes.toString("latin1", to, to + 16))) return to;
  }
  for (let at = bytes.indexOf("endstream", from); at !== -1; at = bytes.indexOf("endstream", at + 9)) {
    if (!/^[\0\t\n\f\r ]*endobj/.test(bytes.toString("latin1", at + 9, at + 32))) continue;
    if (bytes[at - 1] === 0x0a) return at - (bytes[at - 2] === 0x0d ? 2 : 1);
    return bytes[at - 1] === 0x0d ? at - 1 : at;
  }
  return bytes.length;
}

/** A name, a number, or a list; anything else, a reference among them, is `other`. */
type Value = string | number | typeof other | readonly Value[];
const other = Symbol("other");

/** Of a dictionary what concerns a stream. What comes twice is as good as not understood. */
type StreamDictionary = Partial<Record<"Type" | "Subtype" | "Length" | "Filter", Value>>;

const isStreamKey = (key: string): key is keyof StreamDictionary =>
  key === "Type" || key === "Subtype" || key === "Length" || key === "Filter";

class NotReadableError extends Error {}

const isSpace = (byte: number | undefined): boolean => byte !== undefined && byte <= 0x20;
const delimiters: ReadonlySet<number> = new Set(Buffer.from("()<>[]{}/%"));

/** Reads values as ISO 32000-2 sections 7.2 and 7.3 write them. */
function createReader(bytes: Buffer, start: number) {
  const limit = Math.min(bytes.length, start + maxDictionaryBytes);
  let at = start;

  const skip = (): void => {
    for (; at < limit; at += 1) {
      const byte = bytes[at];
      if (byte === 0x25) while (at < limit && bytes[at] !== 0x0a && bytes[at] !== 0x0d) at += 1;
      else if (!isSpace(byte)) return;
    }
  };
  const isTwice = (byte: number): boolean => bytes[at] === byte && bytes[at + 1] === byte;
  const word = (): string => {
    const from = at;
    while (at < limit && !isSpace(bytes[at]) && !delimiters.has(bytes[at] ?? 0)) at += 1;
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

  const value = (depth: number): Value => {
    skip();
    if (at >= limit || depth > maxDepth) throw new NotReadableError();
    const byte = bytes[at];
    if (byte === 0x2f) return name();
    if (byte === 0x28) {
      passString();
      return other;
    }
    if (isTwice(0x3c)) {
      entries(depth + 1);
      return other;
    }
    if (byte === 0x3c) {
      while (at < limit && bytes[at] !== 0x3e) at += 1;
      at += 1;
      return other;
    }
    if (byte === 0x5b) return list(depth + 1);
    const text = word();
    if (text === "") throw new NotReadableError();
    return /^[+-]?\d+$/.test(text) && !isReference() ? Number(text) : other;
  };

  const list = (depth: number): Value => {
    const values: Value[] = [];
    at += 1;
    for (skip(); bytes[at] !== 0x5d; skip()) values.push(value(depth));
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

  const entries = (depth: number): StreamDictionary => {
    const found: StreamDictionary = {};
    at += 2;
    for (skip(); !isTwice(0x3e); skip()) {
      if (at >= limit || bytes[at] !== 0x2f) throw new NotReadableError();
      const key = name();
      const held = value(depth);
      if (isStreamKey(key)) found[key] = key in found ? other : held;
    }
    at += 2;
    return found;
  };

  return {
    at: (): number => at,
    /** @returns `undefined` where there is none */
    dictionary(): StreamDictionary | undefined {
      skip();
      if (!isTwice(0x3c)) return undefined;
      try {
        return entries(0);
      } catch (error) {
        if (error instanceof NotReadableError)
          throw new UnstrippableError(`A dictionary at ${start} can't be read.`);
        throw error;
      }
    },
    /** Where a stream's data begin, if they come next. */
    streamFrom(): number | undefined {
      skip();
      if (bytes.toString("latin1", at, at + 6) !== "stream") return undefined;
      at += 6;
      if (bytes[at] === 0x0d) at += 1;
      if (bytes[at] === 0x0a) at += 1;
      return at;
    },
  };
}
