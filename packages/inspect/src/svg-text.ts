import type { ActiveContent } from "./inspection.ts";

/** Encodings in which what is looked for here is written as in ASCII. */
const plainEncodings = /^(?:utf-8|us-ascii|ascii|iso-8859-1|windows-1252)$/i;

/** What may come before the root of an XML document (XML 1.0, section 2.8). */
const prologue =
  /^\s*(?:<\?[\s\S]*?\?>|<!--[\s\S]*?-->|<!DOCTYPE(?:[^[\]<>"']|"[^"]*"|'[^']*')*(?:\[[\s\S]*?\]\s*)?>)/i;

/**
 * Whether a text's root element is that of a drawing. Nothing is parsed beyond it, and no entity is looked up.
 *
 * @param beginning - of the file, as Latin-1
 */
export function isSvg(beginning: string): boolean {
  let rest = beginning.replace(/^\u00ef\u00bb\u00bf/, "");
  if (rest.includes("\0")) return false;
  for (let found = prologue.exec(rest); found; found = prologue.exec(rest))
    rest = rest.slice(found[0].length);
  return /^\s*<(?:[\w-]+:)?svg[\s/>]/.test(rest);
}

/** Why a drawing is not opened at all: entities grow without bounds or read files, other encodings hide what is there. */
export function isBeyondUs(text: string): boolean {
  const encoding = /^[^<]*<\?xml[^>]*\sencoding\s*=\s*["']([^"']*)["']/.exec(text)?.[1];
  return (
    /<!ENTITY|<!ATTLIST|<!ELEMENT/i.test(text) || (encoding !== undefined && !plainEncodings.test(encoding))
  );
}

/**
 * What a drawing would have a browser run or fetch. By its text, with character references read: what is in a comment
 * counts too.
 */
export function activeInSvg(text: string): ReadonlySet<ActiveContent> {
  const found = new Set<ActiveContent>();
  const read = text.replace(/&#(?:x([0-9a-f]{1,6})|(\d{1,7}));?/gi, (_, hex?: string, decimal?: string) => {
    const code = hex ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : "";
  });
  if (/<(?:[\w-]+:)?script[\s/>]|[\s"'/]on[a-z]+\s*=|j\s*a\s*v\s*a\s*s\s*c\s*r\s*i\s*p\s*t\s*:/i.test(read))
    found.add("javascript");
  if (/<(?:[\w-]+:)?(?:foreignObject|iframe|object|embed|audio|video)[\s/>]/i.test(read))
    found.add("embedded-files");
  if (
    /<\?xml-stylesheet|@import|<(?:[\w-]+:)?include[\s/>]|<!DOCTYPE[^>]{0,1000}\[/i.test(read) ||
    hasReferenceElsewhere(read)
  )
    found.add("external");
  return found;
}

/** To another document than itself, by any element but a link that a person follows. */
function hasReferenceElsewhere(text: string): boolean {
  for (const [, style] of text.matchAll(/url\(\s{0,100}["']?\s{0,100}([^"')\s]{1,5})/gi))
    if (!isWithin(style)) return true;
  for (const [tag, name] of text.matchAll(/<(?:[\w-]+:)?([\w-]+)[\s/][^<>]*>/g)) {
    if (name?.toLowerCase() === "a") continue;
    for (const [, target] of tag.matchAll(
      /\s(?:[\w-]+:)?(?:href|src)\s{0,100}=\s{0,100}["']?\s{0,100}([^"'\s>]{1,5})/gi,
    ))
      if (!isWithin(target)) return true;
  }
  return false;
}

const isWithin = (target: string | undefined): boolean =>
  target === undefined || target.startsWith("#") || target.toLowerCase() === "data:";
