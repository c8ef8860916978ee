/**
 * What must not reach a terminal as it is: controls (a name could move the cursor or retitle the window), bidirectional
 * marks (it could read differently than it is), line and paragraph separators, what is invisible, and half surrogates.
 */
const unsafe =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]/gu;

/** A text that others chose, such as a file's name, for one line of a terminal: `a\nb` becomes `a\x0ab`. */
export const escapeText = (text: string): string => text.replace(unsafe, escapeCharacter);

function escapeCharacter(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0;
  const hex = codePoint.toString(16);
  if (codePoint < 0x100) return `\\x${hex.padStart(2, "0")}`;
  return codePoint < 0x10000 ? `\\u${hex.padStart(4, "0")}` : `\\u{${hex}}`;
}

/** JSON of one line that a terminal shows as it is: the same characters escaped, in JSON's own way. */
export const jsonLine = (value: unknown): string =>
  JSON.stringify(value).replace(unsafe, (character) =>
    Array.from(
      { length: character.length },
      (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
