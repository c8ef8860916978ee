// The lexical conventions of PDF (ISO 32000-2, 7.2 and 7.3), from any place on, sound or not.

const maxNameBytes = 127;
/** Of a string so much is kept: what addresses begin with, behind however many spaces. */
const keptStringBytes = 4096;

export const percent = 0x25;
export const leftParenthesis = 0x28;
const rightParenthesis = 0x29;
export const slash = 0x2f;
export const lessThan = 0x3c;
export const greaterThan = 0x3e;
export const leftBracket = 0x5b;
const backslash = 0x5c;
export const rightBracket = 0x5d;

/** White space and delimiters (7.2.3). */
const regular = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte > 0x20 && byte !== 0x7f && !"()<>[]{}/%".includes(String.fromCharCode(byte)) ? 1 : 0,
);
export const isRegular = (byte: number): boolean => regular[byte] === 1;

export function endOfRegular(bytes: Buffer, start: number): number {
  let end = start;
  while (end < bytes.length && isRegular(bytes[end] ?? 0)) end += 1;
  return end;
}

export function endOfLine(bytes: Buffer, start: number): number {
  let at = start;
  while (at < bytes.length && bytes[at] !== 0x0a && bytes[at] !== 0x0d) at += 1;
  return at;
}

/** `#4a` in a name is the byte of that number. */
export function readName(bytes: Buffer, start: number): { readonly text: string; readonly end: number } {
  const end = endOfRegular(bytes, start);
  const text = bytes.toString("latin1", start, Math.min(end, start + 3 * maxNameBytes));
  const read = text.includes("#")
    ? text.replace(/#([0-9a-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text;
  return { text: read, end };
}

interface ReadString {
  readonly text: string;
  readonly end: number;
}

/** Parentheses nest; a backslash takes the meaning from what follows, or gives it one (7.3.4.2). */
export function readString(bytes: Buffer, start: number): ReadString | undefined {
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
  return depth > 0 ? undefined : { text: asText(kept), end: at };
}

const escaped: ReadonlyMap<number, number> = new Map(
  [..."nrtbf"].map((letter, index) => [letter.charCodeAt(0), [0x0a, 0x0d, 0x09, 0x08, 0x0c][index] ?? 0]),
);

/** What is no hexadecimal digit ends it; without its bracket it is nothing. */
export function readHexString(
  bytes: Buffer,
  start: number,
): { readonly text?: string; readonly end: number } {
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
  return { text: asText([...kept]), end: at + 1 };
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
export function isStreamNext(bytes: Buffer, start: number): boolean {
  let at = start;
  while (at < bytes.length && ((bytes[at] ?? 0) <= 0x20 || bytes[at] === percent))
    at = bytes[at] === percent ? endOfLine(bytes, at) : at + 1;
  return bytes.toString("latin1", at, at + 6) === "stream";
}

/** The keyword, and not the end of `endstream`. */
export function isStream(bytes: Buffer, at: number): boolean {
  if (bytes[at] !== 0x73 || bytes.toString("latin1", at, at + 6) !== "stream") return false;
  const next = bytes[at + 6];
  return next === 0x0a || next === 0x0d;
}

const endWord = "endstream";

export function endOfStream(bytes: Buffer, at: number, lengthBytes: number | undefined): number {
  if (lengthBytes !== undefined && lengthBytes >= 0) {
    let end = at + 6 + (bytes[at + 6] === 0x0d && bytes[at + 7] === 0x0a ? 2 : 1) + lengthBytes;
    if (bytes[end] === 0x0d) end += 1;
    if (bytes[end] === 0x0a) end += 1;
    if (bytes.toString("latin1", end, end + endWord.length) === endWord) return end + endWord.length;
  }
  const end = bytes.indexOf(endWord, at);
  return end === -1 ? bytes.length : end + endWord.length;
}
