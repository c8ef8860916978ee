const named: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&apos;"],
]);

/**
 * Text for an XML element. Control characters become references, as on S3: strict parsers refuse most
 * of them (XML 1.0 section 2.2), and `encoding-type=url` is there for listings that may hold such keys.
 */
const escapeXml = (text: string): string =>
  text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    /[&<>"'\u0000-\u001f\u007f-\u009f\ufffe\uffff]/g,
    (character) => named.get(character) ?? `&#${character.charCodeAt(0)};`,
  );

/** Elements by name (perhaps with attributes, as they are written), in order: text, a number, elements within, or nothing where `undefined`. */
export type XmlContent = readonly (readonly [
  name: string,
  value: string | number | boolean | XmlContent | undefined,
])[];

const elements = (content: XmlContent): string => {
  let xml = "";
  for (const [name, value] of content) {
    if (value === undefined) continue;
    const tag = name.split(" ", 1)[0];
    xml += `<${name}>${typeof value === "object" ? elements(value) : escapeXml(String(value))}</${tag}>`;
  }
  return xml;
};

export const s3Namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

/** A whole document. S3's answers have a namespace, its errors none. */
export const xmlDocument = (root: string, content: XmlContent | string, namespace?: string): string => {
  const name = namespace ? `${root} xmlns="${namespace}"` : root;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${elements([[name, content]])}`;
};
