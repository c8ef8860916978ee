import { storableText } from "./text.ts";

/** Marks upon one letter that a script or a language needs; more of them run over the lines around. */
const maxMarks = 8;

const tooManyMarks = new RegExp(`\\p{M}{${maxMarks + 1}}`, "u");

/** Unicode Standard Annex #44, table 9: shown as nothing, wherever they stand. */
const invisible = /\p{Default_Ignorable_Code_Point}/gu;

/** Line ends, what moves other text about, and controls. */
const noLine = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;

/** Blanks alone; the blank of Braille is none to Unicode, and looks like one. */
const blank = /^[\s\u2800]*$/u;

/**
 * A name that others are shown: one line of plain text of which something can be seen, at most `maxBytes` of UTF-8, with at most eight combining marks
 * in a row.
 */
export function lineOfText(what: string, maxBytes: number) {
  return storableText(what, 1, maxBytes)
    .refine((text) => !noLine.test(text), `${what} must be one line of plain text.`)
    .refine(
      (text) => !blank.test(text.replace(invisible, "")),
      `${what} must have a character that can be seen.`,
    )
    .refine(
      (text) => !tooManyMarks.test(text.replace(invisible, "")),
      `${what} has more than ${maxMarks} combining marks in a row.`,
    );
}

/** What a person or a guest is called: 1 to 100 characters. */
export const personNameSchema = lineOfText("name", 400).refine(
  (name) => [...name].length <= 100,
  "name must have 1 to 100 characters.",
);
