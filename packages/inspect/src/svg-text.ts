import { createPageVisitor } from "./active-in-page.ts";
import type { ActiveContent } from "./inspection.ts";
import { createXmlReader } from "./read-xml.ts";

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
  return /^\s*<(?:[^\s<>/:]{1,100}:)?svg[\s/>]/.test(rest);
}

/** Why a drawing is not opened at all: entities grow without bounds or read files, other encodings hide what is there. */
export function isBeyondUs(text: string): boolean {
  const encoding = /^[^<]*<\?xml[^>]*\sencoding\s*=\s*["']([^"']*)["']/.exec(text)?.[1];
  return (
    /<!ENTITY|<!ATTLIST|<!ELEMENT/i.test(text) || (encoding !== undefined && !plainEncodings.test(encoding))
  );
}

/** What a drawing would have a browser run or fetch. One that is no XML throughout is searched by its text as well. */
export function activeInSvg(bytes: Uint8Array): ReadonlySet<ActiveContent> {
  const found = new Set<ActiveContent>();
  const reader = createXmlReader(createPageVisitor("drawing", found));
  reader.write(bytes);
  const outcome = reader.end();
  if (outcome === "unread") found.add("javascript").add("external");
  if (outcome !== "xml")
    for (const each of activeInBrokenMarkup(Buffer.from(bytes).toString("utf8"))) found.add(each);
  return found;
}

/**
 * Of markup that is no XML, which some programs read all the same, and each in its own way. By its text, with character
 * references read: what is in a comment counts too.
 */
export function activeInBrokenMarkup(text: string): ReadonlySet<ActiveContent> {
  const found = new Set<ActiveContent>();
  const read = text.replace(/&#(?:x([0-9a-f]{1,6})|(\d{1,7}));?/gi, (_, hex?: string, decimal?: string) => {
    const code = hex ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : "";
  });
  if (
    /<(?:[^\s<>/]{1,100}:)?script[\s/>]|<[^<>]{1,2000}[\s"'/]on[a-z]+\s*=|[="'\s]j\s*a\s*v\s*a\s*s\s*c\s*r\s*i\s*p\s*t\s*:/i.test(
      read,
    )
  )
    found.add("javascript");
  return found;
}
