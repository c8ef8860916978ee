// Reads what a PDF's syntax says (ISO 32000-2, 7.2 and 7.3), from any place on, sound or not.

export type PdfValue =
  | { readonly kind: "name"; readonly text: string }
  /** What it begins with, decoded as text (7.9.2.2). */
  | { readonly kind: "string"; readonly text: string }
  /** To an indirect object, by its number. */
  | { readonly kind: "reference"; readonly number: number }
  | { readonly kind: "array"; readonly items: readonly PdfValue[] }
  | PdfDictionary;

export interface PdfDictionary {
  readonly kind: "dictionary";
  /** Of the keys that are kept, those with one of these values. */
  readonly entries: ReadonlyMap<string, PdfValue>;
  readonly isStream: boolean;
}

export interface PdfVisitor {
  readonly keptKeys: ReadonlySet<string>;
  /** In a dictionary under the first of them these others are kept as well. */
  readonly keptWithin: { readonly key: string; readonly keys: ReadonlySet<string> };
  /** Each name, wherever it stands. */
  name?(text: string): void;
  /** Each dictionary at its end: what is within comes before what it is in. */
  dictionary?(dictionary: PdfDictionary): void;
  /** An indirect object begins. */
  object?(number: number, at: number): void;
  /** A value by itself, in no other; the walk then ends with its object. @returns whether to go on */
  value?(value: PdfValue): boolean;
}

export interface WalkOptions {
  readonly from?: number;
  /** The outermost dictionary is one under that key. */
  readonly isWithin?: boolean;
  /** Streams are as long as they say, where they then end; else they end at the first word for it. */
  readonly trustsLengths?: boolean;
}

const maxNameBytes = 127;
/** Of a string so much is kept: what addresses begin with, behind however many spaces. */
const keptStringBytes = 4096;
/** Of one object's arrays so many items are kept: no honest chain of actions comes near. */
const maxKeptItems = 100_000;
/** Readers give up sooner (PDFium at 64). What is deeper is read, and belongs to nothing. */
const maxDepth = 1000;

interface Frame {
  readonly isDictionary: boolean;
  readonly isWithin: boolean;
  /** What comes next is of this key; `undefined` where a key comes next. */
  key: string | undefined;
  lastKey: string | undefined;
  entries: Map<string, PdfValue> | undefined;
  readonly items: PdfValue[] | undefined;
  lengthBytes: number | undefined;
}

const noEntries: ReadonlyMap<string, PdfValue> = new Map();

/** Goes through all there is, once: in time that grows as the bytes do, and in memory that grows with the depth alone. */
export function walkPdfObjects(bytes: Buffer, visitor: PdfVisitor, options: WalkOptions = {}): void {
  const { from = 0, isWithin = false, trustsLengths = false } = options;
  const stack: Frame[] = [];
  let depthBeyond = 0;
  let openDictionaries = 0;
  let keptItems = 0;
  let integers: readonly [number, number] = [Number.NaN, Number.NaN];
  let goesOn = true;
  let lastLengthBytes: number | undefined;
  // One that never ends would hide all that follows: from there on parentheses are nothing special.
  let hasEndlessString = false;

  const keeps = (frame: Frame, key: string): boolean =>
    visitor.keptKeys.has(key) || (frame.isWithin && visitor.keptWithin.keys.has(key));
  const take = (value: PdfValue | undefined): void => {
    if (depthBeyond > 0) return;
    const frame = stack.at(-1);
    if (!frame) {
      keptItems = 0;
      if (value && visitor.value?.(value) === false) goesOn = false;
    } else if (!frame.isDictionary) {
      if (value && frame.items && keptItems < maxKeptItems) keptItems += Math.sign(frame.items.push(value));
    } else if (frame.key !== undefined) {
      if (value && keeps(frame, frame.key)) {
        frame.entries ??= new Map();
        // Of two entries with one key some readers take the first.
        if (frame.entries.has(frame.key))
          visitor.dictionary?.({ kind: "dictionary", entries: new Map(frame.entries), isStream: false });
        frame.entries.set(frame.key, value);
      }
      frame.lastKey = frame.key;
      frame.key = undefined;
    }
  };
  const open = (isDictionary: boolean): void => {
    if (stack.length >= maxDepth) {
      depthBeyond += 1;
      return;
    }
    const parent = stack.at(-1);
    const key = parent?.isDictionary ? parent.key : undefined;
    const isWithinKey = isDictionary && (parent ? key === visitor.keptWithin.key : isWithin);
    const isKept = parent
      ? parent.items !== undefined || (key !== undefined && keeps(parent, key))
      : visitor.value !== undefined;
    const items = !isDictionary && isKept ? [] : undefined;
    if (isDictionary) openDictionaries += 1;
    stack.push({
      isDictionary,
      isWithin: isWithinKey,
      key: undefined,
      lastKey: undefined,
      entries: undefined,
      items,
      lengthBytes: undefined,
    });
  };
  const close = (isStream: boolean): void => {
    const frame = stack.pop();
    if (!frame) return;
    if (!frame.isDictionary) {
      take(frame.items && { kind: "array", items: frame.items });
      return;
    }
    openDictionaries -= 1;
    const dictionary: PdfDictionary = { kind: "dictionary", entries: frame.entries ?? noEntries, isStream };
    lastLengthBytes = frame.lengthBytes;
    if (frame.entries) visitor.dictionary?.(dictionary);
    take(dictionary);
  };
  const closeDictionary = (end: number): void => {
    if (depthBeyond > 0) {
      depthBeyond -= 1;
      return;
    }
    if (openDictionaries === 0) return;
    while (stack.at(-1)?.isDictionary === false) close(false);
    close(stack.length === 1 && isStreamNext(bytes, end));
  };
  const closeAll = (): void => {
    depthBeyond = 0;
    while (stack.length > 0) close(false);
    keptItems = 0;
  };
  const takeWord = (word: string, end: number): void => {
    const frame = stack.at(-1);
    if (/^[+-]?\d{1,10}$/.test(word)) {
      const integer = Number(word);
      integers = [integers[1], integer];
      if (frame?.key === "Length") frame.lengthBytes = integer;
      if (frame) take(undefined);
      return;
    }
    const [number, generation] = integers;
    const isPair = number >= 0 && generation >= 0;
    integers = [Number.NaN, Number.NaN];
    if (word === "R" && isPair) {
      if (frame?.isDictionary && frame.lastKey !== undefined) {
        if (frame.lastKey === "Length") frame.lengthBytes = undefined;
        frame.key = frame.lastKey;
      }
      take({ kind: "reference", number });
    } else if (word === "obj" && isPair) {
      closeAll();
      visitor.object?.(number, end);
      if (visitor.value) goesOn = false;
    } else if (word === "endobj") {
      closeAll();
      if (visitor.value) goesOn = false;
    } else if (frame) take(undefined);
  };

  let at = from;
  while (at < bytes.length && goesOn) {
    const byte = bytes[at] ?? 0;
    if (byte <= 0x20) at += 1;
    else if (byte === percent) at = endOfLine(bytes, at);
    else if (byte === slash) {
      const name = readName(bytes, at + 1);
      visitor.name?.(name.text);
      const frame = stack.at(-1);
      if (depthBeyond === 0 && frame?.isDictionary && frame.key === undefined) frame.key = name.text;
      else take({ kind: "name", text: name.text });
      integers = [Number.NaN, Number.NaN];
      at = name.end;
    } else if (byte === leftParenthesis && !hasEndlessString) {
      const string = readString(bytes, at + 1);
      if (string) take(string.value);
      hasEndlessString = !string;
      at = string?.end ?? at + 1;
    } else if (byte === lessThan && bytes[at + 1] === lessThan) {
      open(true);
      at += 2;
    } else if (byte === lessThan) {
      const string = readHexString(bytes, at + 1);
      if (string.value) take(string.value);
      at = string.end;
    } else if (byte === greaterThan && bytes[at + 1] === greaterThan) {
      closeDictionary(at + 2);
      at += 2;
    } else if (byte === leftBracket) {
      open(false);
      at += 1;
    } else if (byte === rightBracket) {
      if (depthBeyond > 0) depthBeyond -= 1;
      else if (stack.at(-1)?.isDictionary === false) close(false);
      at += 1;
    } else if (!isRegular(byte)) at += 1;
    else {
      const end = endOfRegular(bytes, at);
      if (isStream(bytes, at)) {
        at = endOfStream(bytes, at, trustsLengths ? lastLengthBytes : undefined);
        lastLengthBytes = undefined;
      } else {
        // Numbers and words are short.
        takeWord(end - at <= 16 ? bytes.toString("latin1", at, end) : "", end);
        at = end;
      }
    }
  }
  if (goesOn) closeAll();
}

const percent = 0x25;
const leftParenthesis = 0x28;
const rightParenthesis = 0x29;
const slash = 0x2f;
const lessThan = 0x3c;
const greaterThan = 0x3e;
const leftBracket = 0x5b;
const backslash = 0x5c;
const rightBracket = 0x5d;

/** White space and delimiters (7.2.3). */
const regular = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte > 0x20 && byte !== 0x7f && !"()<>[]{}/%".includes(String.fromCharCode(byte)) ? 1 : 0,
);
const isRegular = (byte: number): boolean => regular[byte] === 1;

function endOfRegular(bytes: Buffer, start: number): number {
  let end = start;
  while (end < bytes.length && isRegular(bytes[end] ?? 0)) end += 1;
  return end;
}

function endOfLine(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] !== 0x0a && bytes[at] !== 0x0d) at += 1;
  return at;
}

/** `#4a` in a name is the byte of that number. */
function readName(bytes: Buffer, start: number): { readonly text: string; readonly end: number } {
  const end = endOfRegular(bytes, start);
  const text = bytes.toString("latin1", start, Math.min(end, start + 3 * maxNameBytes));
  const read = text.includes("#")
    ? text.replace(/#([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text;
  return { text: read, end };
}

interface ReadString {
  readonly value: PdfValue;
  readonly end: number;
}

/** Parentheses nest; a backslash takes the meaning from what follows, or gives it one (7.3.4.2). */
function readString(bytes: Buffer, start: number): ReadString | undefined {
  let depth = 1;
  let at = start;
  const kept: number[] = [];
  for (; at < bytes.length && depth > 0; at += 1) {
    let byte = bytes[at] ?? 0;
    if (byte === backslash) {
      at += 1;
      byte = bytes[at] ?? 0;
      const octal = /^[0-7]{1,3}/.exec(bytes.toString("latin1", at, at + 3))?.[0];
      if (octal !== undefined) {
        at += octal.length - 1;
        byte = Number.parseInt(octal, 8) & 0xff;
      } else if (byte === 0x0d || byte === 0x0a) {
        if (byte === 0x0d && bytes[at + 1] === 0x0a) at += 1;
        continue;
      } else byte = escaped.get(byte) ?? byte;
    } else if (byte === leftParenthesis) depth += 1;
    else if (byte === rightParenthesis) depth -= 1;
    if (depth > 0 && kept.length < keptStringBytes) kept.push(byte);
  }
  return depth > 0 ? undefined : { value: { kind: "string", text: asText(kept) }, end: at };
}

const escaped: ReadonlyMap<number, number> = new Map(
  [..."nrtbf"].map((letter, index) => [letter.charCodeAt(0), [0x0a, 0x0d, 0x09, 0x08, 0x0c][index] ?? 0]),
);

/** What is no hexadecimal digit ends it; without its bracket it is nothing. */
function readHexString(bytes: Buffer, start: number): { readonly value?: PdfValue; readonly end: number } {
  let at = start;
  let digits = "";
  for (; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    const isDigit =
      (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x46) || (byte >= 0x61 && byte <= 0x66);
    if (isDigit) {
      if (digits.length < 2 * keptStringBytes) digits += String.fromCharCode(byte);
    } else if (byte > 0x20) break;
  }
  if (bytes[at] !== greaterThan) return { end: at };
  const kept = Buffer.from(digits.length % 2 === 0 ? digits : `${digits}0`, "hex");
  return { value: { kind: "string", text: asText([...kept]) }, end: at + 1 };
}

/** By its mark UTF-16 or UTF-8 (7.9.2.2); what is looked for is the same in all other encodings. */
function asText(bytes: readonly number[]): string {
  const buffer = Buffer.from(bytes);
  const [first, second, third] = bytes;
  if (first === 0xfe && second === 0xff)
    return buffer
      .subarray(2, 2 + ((buffer.length - 2) & ~1))
      .swap16()
      .toString("utf16le");
  if (first === 0xff && second === 0xfe) return buffer.toString("utf16le", 2);
  if (first === 0xef && second === 0xbb && third === 0xbf) return buffer.toString("utf8", 3);
  return buffer.toString("latin1");
}

/** Behind a dictionary, and its white space and comments. */
function isStreamNext(bytes: Buffer, start: number): boolean {
  let at = start;
  while (at < bytes.length && ((bytes[at] ?? 0) <= 0x20 || bytes[at] === percent))
    at = bytes[at] === percent ? endOfLine(bytes, at) : at + 1;
  return bytes.toString("latin1", at, at + 6) === "stream";
}

/** The keyword, and not the end of `endstream`. */
function isStream(bytes: Buffer, at: number): boolean {
  if (bytes[at] !== 0x73 || bytes.toString("latin1", at, at + 6) !== "stream") return false;
  const next = bytes[at + 6];
  return next === 0x0a || next === 0x0d;
}

const endWord = "endstream";

function endOfStream(bytes: Buffer, at: number, lengthBytes: number | undefined): number {
  if (lengthBytes !== undefined && lengthBytes >= 0) {
    let end = at + 6 + (bytes[at + 6] === 0x0d && bytes[at + 7] === 0x0a ? 2 : 1) + lengthBytes;
    while (end < bytes.length && (bytes[end] === 0x0d || bytes[end] === 0x0a)) end += 1;
    if (bytes.toString("latin1", end, end + endWord.length) === endWord) return end + endWord.length;
  }
  const end = bytes.indexOf(endWord, at);
  return end === -1 ? bytes.length : end + endWord.length;
}
