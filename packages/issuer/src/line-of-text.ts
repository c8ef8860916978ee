/**
 * Reads a name, organisation or reason: one line that prints, Unicode NFC, without space around it.
 * Refused: nothing at all, more than `maxCharacters` code points, controls, line breaks, lone
 * surrogates, and bidi marks (which could make a list of accounts read as something else).
 */
export function parseLineOfText(
  text: string,
  maxCharacters: number,
): { readonly value: string } | { readonly problem: string } {
  const value = text.normalize("NFC").trim();
  if (value === "") return { problem: "is empty" };
  if (Array.from(value).length > maxCharacters)
    return { problem: `is longer than ${maxCharacters} characters` };
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u.test(value))
    return { problem: "contains a line break, a control character or a direction mark" };
  return { value };
}
