import { z } from "zod";

/** Bytes of a string in UTF-8, counted without a platform's encoder (React Native's bare VM lacks one). */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const codePoint = character.codePointAt(0) ?? 0;
    bytes += codePoint < 0x80 ? 1 : codePoint < 0x800 ? 2 : codePoint < 0x10000 ? 3 : 4;
  }
  return bytes;
}

/**
 * Text that every database keeps as it came: no NUL (PostgreSQL), no unpaired surrogate (not UTF-8), at most
 * `maxBytes` of UTF-8.
 */
export function storableText(what: string, minCharacters: number, maxBytes: number) {
  return z
    .string(`${what} must be a string.`)
    .min(minCharacters, `${what} must not be empty.`)
    .refine((text) => utf8Length(text) <= maxBytes, `${what} is longer than ${maxBytes} bytes of UTF-8.`)
    .refine((text) => !text.includes("\0"), `${what} contains a NUL character.`)
    .refine(
      (text) => text.isWellFormed(),
      `${what} contains half of a surrogate pair, which is not Unicode text.`,
    );
}
