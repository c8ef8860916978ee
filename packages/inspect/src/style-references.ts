/**
 * Whether a style sheet, or a declaration in an attribute, refers to what is elsewhere (CSS Syntax Level 3, Values and Units
 * Level 4). Read twice, with its comments and without: what is a comment, and what is text that looks like one, is not
 * looked into further.
 *
 * @param isWithin - whether an address is the document's own
 */
export function styleRefersElsewhere(css: string, isWithin: (target: string) => boolean): boolean {
  // Nothing that refers is without one of them.
  if (!/[(@\\]/.test(css)) return false;
  const read = unescaped(css);
  return [read, read.replace(/\/\*[\s\S]*?(?:\*\/|$)/g, " ")].some((text) => refers(text, isWithin));
}

/** Section 4.3.7: up to six hexadecimal digits and a space behind them, a character that then means itself, or a line's end for nothing. */
function unescaped(css: string): string {
  return css.replace(
    /\\(?:([0-9a-f]{1,6})(?:\r\n|[ \t\r\n\f])?|(\r\n|[\n\r\f])|([\s\S]))/gi,
    (_, hex?: string, lineEnd?: string, character?: string) => {
      if (lineEnd !== undefined) return "";
      if (hex === undefined) return character ?? "";
      const code = Number.parseInt(hex, 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
    },
  );
}

/** The names that languages go by are addresses, and nobody asks for them. */
const namespaceRule =
  /@namespace\s{1,20}[\w-]{0,50}\s{0,20}(?:url\(\s{0,20})?["']?https?:\/\/www\.w3\.org\/[\w/.#-]{1,100}/gi;

function refers(css: string, isWithin: (target: string) => boolean): boolean {
  // A sheet in an address could refer to anything itself.
  for (const [, target = ""] of css.matchAll(/@import\s*(?:url\(\s*)?["']?\s*([^"')\s;]{0,200})/gi))
    if (/^data:/i.test(target) || !isWithin(target)) return true;
  const text = css.replace(namespaceRule, "");
  for (const [, target = ""] of text.matchAll(/url\(\s*["']?\s*([^"')\s]{0,200})/gi))
    if (!isWithin(target)) return true;
  // Where such a function ends, texts and other functions within it decide: all that is quoted behind its beginning counts.
  const from = text.search(/(?:image-set|image|src)\(/i);
  if (from === -1) return false;
  for (const [, target = ""] of text.slice(from).matchAll(/["']\s*([^"'\s][^"']{0,200})/g))
    if (!isWithin(target)) return true;
  return false;
}
