import {
  createPdfReader,
  isPdfSpace,
  maxDictionaryBytes,
  nothing,
  type PdfEntries,
  type PdfValue,
} from "./pdf-values.ts";
import { UnstrippableError } from "./pieces.ts";

/** How a stream is packed (ISO 32000-2 section 7.4). */
export interface PdfFilter {
  readonly name: string;
  /** Numbers of its parameters, by their name; `undefined` where they are not said here. */
  readonly parameters: PdfEntries | undefined;
}

/** A stream of a PDF (ISO 32000-2 section 7.3.8), wherever in the file it stands. */
export interface PdfStream {
  /** Of its object. */
  readonly number: number;
  readonly type: string | undefined;
  readonly subtype: string | undefined;
  /** In the order in which they are to be undone; `undefined` where that is not said here. */
  readonly filters: readonly PdfFilter[] | undefined;
  /** The data, as they are stored. */
  readonly from: number;
  readonly to: number;
}

/** So often may the file be gone through, which overlapping objects could make it be without end. */
export const maxReadings = 4;

/**
 * Every stream that stands in the open, by its own dictionary: streams are in no other stream, and their dictionaries are not
 * encrypted. Neither cross-references nor what else is around decide where one begins, so that those of earlier revisions and
 * such that nothing refers to are found too.
 *
 * @throws UnstrippableError where objects overlap one another without end, a dictionary can't be read, or data follow one that
 *   belongs to no object
 */
export function* readPdfStreams(bytes: Buffer): Generator<PdfStream> {
  let left = maxReadings * bytes.length + maxDictionaryBytes;
  const isOfObject = followKeywords(bytes);
  for (let at = bytes.indexOf("obj"); at !== -1; at = bytes.indexOf("obj", at + 3)) {
    if (at >= 3 && bytes.toString("latin1", at - 3, at) === "end") continue;
    const reader = createPdfReader(bytes, at + 3);
    const dictionary = reader.dictionary();
    left -= reader.at() - at;
    if (left < 0) throw new UnstrippableError("Its objects overlap one another.");
    if (!dictionary || !reader.takes("stream")) continue;
    isOfObject(reader.at());
    const from = beginningOfData(bytes, reader.at());
    const to = endOfStream(bytes, from, dictionary.Length);
    left -= to - from;
    const { Type: type, Subtype: subtype } = dictionary;
    const number = numberBefore(bytes, at);
    if (number === undefined) throw new UnstrippableError(`An object at ${at} has no number.`);
    yield {
      number,
      type: typeof type === "string" ? type : undefined,
      subtype: typeof subtype === "string" ? subtype : undefined,
      filters: filtersOf(dictionary),
      from,
      to,
    };
  }
  isOfObject(bytes.length);
}

/**
 * Holds what was found as objects to what readers could take for a stream: a dictionary's end, white space or comments, and the
 * keyword. One that is not told of in turn is refused.
 */
function followKeywords(bytes: Buffer): (end: number) => void {
  let at = bytes.indexOf("stream");
  return (end) => {
    for (; at !== -1 && at + 6 <= end; at = bytes.indexOf("stream", at + 6))
      if (at + 6 !== end && isBehindDictionary(bytes, at))
        throw new UnstrippableError(`Data at ${at} belong to no object.`);
  };
}

function isBehindDictionary(bytes: Buffer, keyword: number): boolean {
  let steps = 0;
  for (const at of placesBefore(bytes, keyword)) {
    if (bytes[at - 1] === 0x3e && bytes[at - 2] === 0x3e) return true;
    steps += 1;
  }
  // So many comments stand nowhere: what is before them is not looked for.
  return steps > maxComments;
}

/** Behind what stands before white space, and before each comment that ends with a line there, nearest first. */
function* placesBefore(bytes: Buffer, start: number): Generator<number> {
  let at = start;
  for (let comments = 0; comments <= maxComments; comments += 1) {
    let endsLine = false;
    for (; at > 0 && isPdfSpace(bytes[at - 1]); at -= 1)
      endsLine ||= bytes[at - 1] === 0x0a || bytes[at - 1] === 0x0d;
    yield at;
    const comment = endsLine ? commentThatEnds(bytes, at) : undefined;
    if (comment === undefined) return;
    at = comment;
  }
}

/** Where the comment begins, if there is one, that a line ends with. */
function commentThatEnds(bytes: Buffer, end: number): number | undefined {
  let from: number | undefined;
  for (let at = end - 1; at >= 0 && at > end - maxCommentBytes; at -= 1) {
    if (bytes[at] === 0x0a || bytes[at] === 0x0d) break;
    if (bytes[at] === 0x25) from = at;
  }
  return from;
}

const maxComments = 32;
const maxCommentBytes = 4096;

/** Behind the keyword the line ends; white space before that is passed over by readers. */
export function beginningOfData(bytes: Buffer, start: number): number {
  let at = start;
  while (bytes[at] === 0x20 || bytes[at] === 0x09) at += 1;
  if (bytes[at] !== 0x0d && bytes[at] !== 0x0a) return start;
  if (bytes[at] === 0x0d) at += 1;
  return bytes[at] === 0x0a ? at + 1 : at;
}

function filtersOf({
  Filter: filter = [],
  DecodeParms: given = [],
}: PdfEntries): readonly PdfFilter[] | undefined {
  const listOf = (value: PdfValue): readonly PdfValue[] => {
    if (value === nothing) return [];
    return Array.isArray(value) ? value : [value];
  };
  const parameters = listOf(given);
  const filters = listOf(filter).map((name, index): PdfFilter | undefined => {
    const own = parameters[index] ?? nothing;
    if (typeof name !== "string") return undefined;
    if (own === nothing) return { name, parameters: {} };
    return { name, parameters: isEntries(own) ? own : undefined };
  });
  const known = filters.filter((each) => each !== undefined);
  return known.length === filters.length ? known : undefined;
}

const isEntries = (value: PdfValue): value is PdfEntries =>
  typeof value === "object" && !Array.isArray(value);

/** An object's number stands before its generation; between them and the keyword white space and comments. */
function numberBefore(bytes: Buffer, keyword: number): number | undefined {
  let at = keyword;
  let digits = "";
  for (let numbers = 0; numbers < 2; numbers += 1) {
    const to = [...placesBefore(bytes, at)].at(-1) ?? at;
    if (numbers > 0 && to === at) return undefined;
    at = to;
    while (at > to - maxDigits && isDigit(bytes[at - 1])) at -= 1;
    digits = bytes.toString("latin1", at, to);
    if (digits === "") return undefined;
  }
  return Number(digits);
}

const maxDigits = 10;
const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39;

/** What an object ends with, or what comes next where that was left out. */
const endsObject = /^[\0\t\n\f\r ]*(?:endobj|\d{1,10} +\d{1,5} +obj|xref|trailer|startxref)/;

/** Where the dictionary says so, if the keyword is there; else at the first keyword that an object's end follows. */
export function endOfStream(bytes: Buffer, from: number, length: PdfValue | undefined): number {
  if (typeof length === "number" && Number.isSafeInteger(length) && length >= 0) {
    const to = from + length;
    if (/^[\0\t\n\f\r ]{0,4}endstream/.test(bytes.toString("latin1", to, to + 16))) return to;
  }
  for (let at = bytes.indexOf("endstream", from); at !== -1; at = bytes.indexOf("endstream", at + 9)) {
    if (!endsObject.test(bytes.toString("latin1", at + 9, at + 48))) continue;
    if (bytes[at - 1] === 0x0a) return at - (bytes[at - 2] === 0x0d ? 2 : 1);
    return bytes[at - 1] === 0x0d ? at - 1 : at;
  }
  return bytes.length;
}
