/** What looks like nothing (joiners, bidi controls, variation selectors), and marks that any letter can bear (accents). */
const unseen = /\p{Default_Ignorable_Code_Point}|(?=\p{M})\p{Script=Inherited}/gu;

/**
 * Text as it is compared: without regard to case, accents, width and forms of a letter, so that "ÉCOLE", "école" and
 * "ｅｃｏｌｅ" are one. Unicode's NFKD and full case folding, whatever the language; folding again changes nothing.
 */
export const foldText = (text: string): string => foldCase(text.normalize("NFKD").replace(unseen, ""));

/** By way of upper case, which ß and ss have in common, and from lower case, which ẞ needs to get there. */
const foldCase = (text: string): string =>
  text.toLowerCase().toUpperCase().toLowerCase().normalize("NFKD").replace(unseen, "").replaceAll("ς", "σ");

/** By code points, as databases compare UTF-8; JavaScript's own order puts emoji before some of what they come after. */
export function compareCodePoints(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; ) {
    const a = one.codePointAt(at) ?? 0;
    const b = other.codePointAt(at) ?? 0;
    if (a !== b) return a - b;
    at += a > 0xffff ? 2 : 1;
  }
  return one.length - other.length;
}

/** The first so many code points. */
export function cutText(text: string, codePoints: number): string {
  if (text.length <= codePoints) return text;
  let end = 0;
  for (let count = 0; count < codePoints && end < text.length; count += 1)
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  return text.slice(0, end);
}
