// Reads what a PDF's objects say (ISO 32000-2, 7.3), from any place on, sound or not.
import {
  endOfLine,
  endOfRegular,
  endOfStream,
  greaterThan,
  isRegular,
  isStream,
  isStreamNext,
  leftBracket,
  leftParenthesis,
  lessThan,
  percent,
  readHexString,
  readName,
  readString,
  rightBracket,
  slash,
} from "./pdf-tokens.ts";

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
  /** What else stood under keys that came again: of two entries with one key some readers take the first. */
  readonly repeated: readonly (readonly [key: string, value: PdfValue])[];
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
  /** Of one object more would have to be kept than is: what comes then is read and belongs to nothing. */
  tooMuch?(): void;
}

export interface WalkOptions {
  readonly from?: number;
  /** The outermost dictionary is one under that key. */
  readonly isWithin?: boolean;
  /** Streams are as long as they say, where they then end; else they end at the first word for it. */
  readonly trustsLengths?: boolean;
  /** Where, as another walk through the same bytes found, a string begins that never ends. Default: to be found out. */
  readonly endlessFrom?: number;
}

export interface Walked {
  /** It went so far. */
  readonly end: number;
  /** Where a string begins that never ends; `Infinity` where all do. */
  readonly endlessFrom: number;
}

/** So many values of one object are kept at a time: no honest chain of actions comes near. */
const maxKeptValues = 20_000;
/** Readers give up sooner (PDFium at 64). What is deeper is read, and belongs to nothing. */
const maxDepth = 1000;

interface Frame {
  readonly isDictionary: boolean;
  readonly isWithin: boolean;
  /** What comes next is of this key; `undefined` where a key comes next. */
  key: string | undefined;
  lastKey: string | undefined;
  entries: Map<string, PdfValue> | undefined;
  repeated: (readonly [string, PdfValue])[] | undefined;
  readonly items: PdfValue[] | undefined;
  /** Goes when it ends, if it is kept by nothing that it is in: so many values were kept when it began. */
  readonly forgetsDownTo: number | undefined;
  lengthBytes: number | undefined;
}

const noEntries: PdfDictionary["entries"] = new Map();
const nothingRepeated: PdfDictionary["repeated"] = [];

/**
 * Goes through all there is, once: in time that grows as the bytes do, and in memory that grows with the depth alone. One that begins
 * where an object did in a walk before, with the same options and its `endlessFrom`, reads there what that one did: for a value by
 * itself no byte behind the next object's beginning.
 */
export function walkPdfObjects(bytes: Buffer, visitor: PdfVisitor, options: WalkOptions = {}): Walked {
  const { from = 0, isWithin = false, trustsLengths = false } = options;
  const stack: Frame[] = [];
  let depthBeyond = 0;
  let openDictionaries = 0;
  let keptValues = 0;
  let integers: readonly [number, number] = [Number.NaN, Number.NaN];
  let goesOn = true;
  let lastLengthBytes: number | undefined;
  // One that never ends would hide all that follows: from there on parentheses are nothing special.
  let { endlessFrom = Number.POSITIVE_INFINITY } = options;

  const keeps = (frame: Frame, key: string): boolean =>
    visitor.keptKeys.has(key) || (frame.isWithin && visitor.keptWithin.keys.has(key));
  const hasRoom = (): boolean => {
    const has = keptValues < maxKeptValues;
    if (has) keptValues += 1;
    else visitor.tooMuch?.();
    return has;
  };
  const take = (value: PdfValue | undefined): void => {
    if (depthBeyond > 0) return;
    const frame = stack.at(-1);
    if (!frame) {
      keptValues = 0;
      if (value && visitor.value?.(value) === false) goesOn = false;
    } else if (!frame.isDictionary) {
      if (value && frame.items && hasRoom()) frame.items.push(value);
    } else if (frame.key !== undefined) {
      if (value && keeps(frame, frame.key) && hasRoom()) {
        frame.entries ??= new Map();
        const earlier = frame.entries.get(frame.key);
        if (earlier) {
          frame.repeated ??= [];
          frame.repeated.push([frame.key, earlier]);
        }
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
      repeated: undefined,
      items,
      forgetsDownTo: isKept ? undefined : keptValues,
      lengthBytes: undefined,
    });
  };
  const close = (isStream: boolean): void => {
    const frame = stack.pop();
    if (!frame) return;
    if (frame.forgetsDownTo !== undefined) keptValues = frame.forgetsDownTo;
    if (!frame.isDictionary) {
      take(frame.items && { kind: "array", items: frame.items });
      return;
    }
    openDictionaries -= 1;
    const { entries = noEntries, repeated = nothingRepeated } = frame;
    const dictionary: PdfDictionary = { kind: "dictionary", entries, repeated, isStream };
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
    keptValues = 0;
    lastLengthBytes = undefined;
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
    } else if (byte === leftParenthesis && at < endlessFrom) {
      const string = readString(bytes, at + 1);
      if (string) take({ kind: "string", text: string.text });
      else endlessFrom = at;
      at = string?.end ?? at + 1;
    } else if (byte === lessThan && bytes[at + 1] === lessThan) {
      open(true);
      at += 2;
    } else if (byte === lessThan) {
      const string = readHexString(bytes, at + 1);
      if (string.text !== undefined) take({ kind: "string", text: string.text });
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
  return { end: at, endlessFrom };
}
