import type { ActiveContent } from "./inspection.ts";

/**
 * Names that say it wherever they stand: types of actions (ISO 32000-2, 12.6.4), which may be in an object of their own, and
 * keys or types that nothing else has.
 */
const namesOf = new Map<string, ActiveContent>([
  ["JavaScript", "javascript"],
  ["Launch", "launch"],
  ["SubmitForm", "submit"],
  ["ImportData", "submit"],
  ["GoToR", "external"],
  ["GoToE", "embedded-files"],
  ["EmbeddedFiles", "embedded-files"],
  ["EmbeddedFile", "embedded-files"],
  ["XFA", "xfa"],
  ["Rendition", "media"],
  ["RichMedia", "media"],
  ["RichMediaExecute", "media"],
]);

const maxNameBytes = 127;
/** Of a string so much is looked at: what it begins with. */
const keptStringBytes = 32;

/**
 * What active content the syntax of a PDF speaks of, as far as it is in the open: not in a stream, not encrypted. Reads
 * names and strings as ISO 32000-2, 7.3 writes them, and needs neither cross-references nor a sound file. An object that
 * nothing refers to counts too.
 */
export function scanPdfSyntax(pdf: Uint8Array): Set<ActiveContent> {
  const bytes = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength);
  const found = new Set<ActiveContent>();
  let key = "";
  // One that never ends would hide all that follows: from there on parentheses are nothing special.
  let hasEndlessString = false;
  for (let at = 0; at < bytes.length; ) {
    const byte = bytes[at];
    if (byte === percent) at = endOfLine(bytes, at);
    else if (byte === slash) {
      const name = readName(bytes, at + 1);
      const says = namesOf.get(name.text);
      if (says) found.add(says);
      key = name.text;
      at = name.end;
    } else if (byte === leftParenthesis && !hasEndlessString) {
      const string = readString(bytes, at + 1);
      if (string && key === "URI") for (const says of activeIn(string.text)) found.add(says);
      hasEndlessString = !string;
      at = string?.end ?? at + 1;
    } else if (byte === letterS && isStream(bytes, at)) at = endOfStream(bytes, at);
    else at += 1;
  }
  return found;
}

function activeIn(uri: string): ActiveContent[] {
  if (/^\s*javascript:/i.test(uri)) return ["javascript"];
  return /^\s*(?:file:|\\\\)/i.test(uri) ? ["external"] : [];
}

const percent = 0x25;
const leftParenthesis = 0x28;
const rightParenthesis = 0x29;
const slash = 0x2f;
const backslash = 0x5c;
const letterS = 0x73;

/** White space and delimiters (7.2.3). */
const isRegular = (byte: number): boolean =>
  byte > 0x20 && byte !== 0x7f && !"()<>[]{}/%".includes(String.fromCharCode(byte));

function endOfLine(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] !== 0x0a && bytes[at] !== 0x0d) at += 1;
  return at;
}

/** `#4a` in a name is the byte of that number. */
function readName(bytes: Buffer, start: number): { readonly text: string; readonly end: number } {
  let end = start;
  while (end < bytes.length && isRegular(bytes[end] ?? 0)) end += 1;
  const text = bytes
    .toString("latin1", start, Math.min(end, start + 3 * maxNameBytes))
    .replace(/#([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return { text, end };
}

/** Parentheses nest; a backslash takes the meaning from what follows. */
function readString(
  bytes: Buffer,
  start: number,
): { readonly text: string; readonly end: number } | undefined {
  let depth = 1;
  let at = start;
  const beginning: number[] = [];
  for (; at < bytes.length && depth > 0; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === backslash) at += 1;
    else if (byte === leftParenthesis) depth += 1;
    else if (byte === rightParenthesis) depth -= 1;
    if (beginning.length < keptStringBytes) beginning.push(byte === backslash ? (bytes[at] ?? 0) : byte);
  }
  return depth > 0 ? undefined : { text: String.fromCharCode(...beginning), end: at };
}

/** The keyword, and not the end of `endstream`. */
function isStream(bytes: Buffer, at: number): boolean {
  if (bytes.toString("latin1", at, at + 6) !== "stream") return false;
  const next = bytes[at + 6];
  return (next === 0x0a || next === 0x0d) && !isRegular(bytes[at - 1] ?? 0);
}

function endOfStream(bytes: Buffer, at: number): number {
  const end = bytes.indexOf("endstream", at);
  return end === -1 ? bytes.length : end + 9;
}
