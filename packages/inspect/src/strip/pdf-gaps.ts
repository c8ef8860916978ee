import { assertFew, fill, type Patch } from "./blank.ts";
import { beginningOfData, endOfStream, maxReadings } from "./pdf-streams.ts";
import { createPdfReader, isPdfSpace, maxDictionaryBytes, type PdfEntries } from "./pdf-values.ts";
import { UnstrippableError } from "./pieces.ts";

/** What programs write into comments is shorter: their name, or how they were called. */
const maxCommentBytes = 1024;

/** What stands by itself in a PDF, beside numbers, dictionaries and comments. */
const words: ReadonlySet<string> = new Set([
  "xref",
  "trailer",
  "startxref",
  "endobj",
  "endstream",
  "n",
  "f",
  "R",
]);

/**
 * Spaces over what stands between the objects of a PDF, and after them, and belongs to none: it is neither a table of
 * cross-references, a trailer nor a comment (ISO 32000-2 section 7.5). No reader shows it, and others find a second file there.
 *
 * @throws UnstrippableError where objects overlap one another without end
 */
export function quietGaps(bytes: Buffer): Patch[] {
  const patches: Patch[] = [];
  const nextAnchor = anchorsOf(bytes);
  let left = maxReadings * bytes.length + maxDictionaryBytes;
  let at = 0;
  while (at < bytes.length) {
    const from = at;
    const to = endOfKnown(bytes, at);
    left -= Math.max(0, (to?.readTo ?? from) - from);
    if (left < 0) throw new UnstrippableError("Its objects overlap one another.");
    if (to) at = to.at;
    else {
      at = nextAnchor(from + 1);
      patches.push(...fill(from, at, space));
      assertFew(patches);
    }
  }
  return patches;
}

const space = 0x20;

/** @returns where what belongs to a PDF ends, and how far was read to tell; `undefined` where something else stands */
function endOfKnown(
  bytes: Buffer,
  start: number,
): { readonly at: number; readonly readTo: number } | undefined {
  let at = start;
  while (at < bytes.length && isPdfSpace(bytes[at])) at += 1;
  if (at > start) return { at, readTo: at };
  const byte = bytes[at] ?? 0;
  if (byte === 0x25) return endOfComment(bytes, start);
  if (byte === 0x3c && bytes[at + 1] === 0x3c) {
    const reader = createPdfReader(bytes, at);
    const isRead = tries(() => reader.dictionary());
    return isRead ? { at: reader.at(), readTo: reader.at() } : undefined;
  }
  while (at < bytes.length && at - start < maxWordBytes && isWordByte(bytes[at] ?? 0)) at += 1;
  const word = bytes.toString("latin1", start, at);
  if (word === "obj") return endOfObject(bytes, at);
  return words.has(word) || /^\d+$/.test(word) ? { at, readTo: at } : undefined;
}

/** The mark of the end need not have a line for itself: what follows it there is no comment, and neither is what is no text. */
function endOfComment(
  bytes: Buffer,
  start: number,
): { readonly at: number; readonly readTo: number } | undefined {
  let at = start;
  if (bytes.toString("latin1", start, start + endMark.length) === endMark) at += endMark.length;
  else while (at - start <= maxCommentBytes && isCommentByte(bytes[at])) at += 1;
  return at - start > maxCommentBytes ? undefined : { at, readTo: at };
}

const endMark = "%%EOF";
const isCommentByte = (byte: number | undefined): boolean =>
  byte !== undefined && (byte >= 0x20 || byte === 0x09);

const maxWordBytes = 24;
const isWordByte = (byte: number): boolean =>
  byte > 0x20 && !"()<>[]{}/%".includes(String.fromCharCode(byte));

/** One that can't be read goes on to where it says that it ends, and one that has no end to the file's. */
function endOfObject(bytes: Buffer, start: number): { readonly at: number; readonly readTo: number } {
  const reader = createPdfReader(bytes, start);
  let dictionary: PdfEntries | undefined;
  const isRead = tries(() => {
    dictionary = reader.dictionary();
    if (!dictionary) reader.value();
  });
  if (isRead && dictionary && reader.takes("stream")) {
    const at = endOfStream(bytes, beginningOfData(bytes, reader.at()), dictionary.Length);
    return { at, readTo: at };
  }
  if (isRead) return { at: reader.at(), readTo: reader.at() };
  const end = bytes.indexOf("endobj", start);
  return { at: end === -1 ? bytes.length : end, readTo: reader.at() };
}

function tries(read: () => unknown): boolean {
  try {
    read();
    return true;
  } catch (error) {
    if (error instanceof UnstrippableError) return false;
    throw error;
  }
}

/** Where from a place on what is a PDF goes on, whatever stands before it: asked in order, each word is looked for once. */
function anchorsOf(bytes: Buffer): (from: number) => number {
  const searches = (["obj", "xref", "trailer", "%%EOF", "%PDF-"] as const).map((word) => {
    let keyword = -1;
    let anchor = -1;
    return (from: number): number => {
      while (anchor < from) {
        keyword = bytes.indexOf(word, Math.max(from, keyword + 1));
        if (keyword === -1) anchor = bytes.length;
        else anchor = beginningOf(bytes, keyword, word);
      }
      return anchor;
    };
  });
  return (from) => Math.min(...searches.map((search) => search(from)));
}

/** An object's keyword has its number and generation before it; `startxref` ends as `xref` does. -1 where it is no keyword. */
function beginningOf(bytes: Buffer, keyword: number, word: string): number {
  const before = bytes.toString("latin1", Math.max(0, keyword - maxWordBytes), keyword);
  if (word === "xref") return before.endsWith("start") ? keyword - 5 : keyword;
  if (word !== "obj") return keyword;
  if (before.endsWith("end")) return keyword - 3;
  const header = /\d{1,10}[\0\t\n\f\r ]+\d{1,5}[\0\t\n\f\r ]*$/.exec(before)?.[0];
  return header === undefined ? -1 : keyword - header.length;
}
