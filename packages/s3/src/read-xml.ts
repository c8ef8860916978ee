import { XMLParser } from "fast-xml-parser";

/** An element of an S3 answer; names are without namespace prefix. */
export interface XmlElement {
  readonly name: string;
  /** The text of the first child of that name; `undefined` where there is none, or it has children itself. */
  text(name: string): string | undefined;
  /** All children of that name. */
  children(name: string): readonly XmlElement[];
}

type Parsed = string | { readonly [name: string]: readonly Parsed[] };

// S3's answers use the five entities of XML and no others, a few for each of up to 1000 items.
const parser = new XMLParser({
  ignoreAttributes: true,
  ignoreDeclaration: true,
  ignorePiTags: true,
  removeNSPrefix: true,
  parseTagValue: false,
  trimValues: false,
  htmlEntities: false,
  isArray: () => true,
  jPath: false,
  maxNestedTags: 8,
  processEntities: { enabled: true, maxTotalExpansions: 20_000, maxExpandedLength: 100_000 },
});

/** Declarations within a document: document types and entities, which S3 never sends. */
const declaration = /<!(?!--|\[CDATA\[)/;

/**
 * Reads a whole S3 answer into its root element.
 *
 * @throws SyntaxError for what is not one well-formed element, for a document type, and for more nesting or
 *   entities than S3's answers have
 */
export function readXml(xml: string): XmlElement {
  if (declaration.test(xml)) throw new SyntaxError("the XML holds a declaration");
  let parsed: Parsed;
  try {
    parsed = parser.parse(xml, true) as Parsed;
  } catch (cause) {
    throw new SyntaxError("the XML is malformed or over its limits", { cause });
  }
  if (typeof parsed === "string") throw new SyntaxError("the XML has no root element");
  const roots = Object.entries(parsed).filter(([name]) => name !== "#text");
  const [root] = roots;
  const content = root?.[1][0];
  if (root === undefined || content === undefined || roots.length > 1 || root[1].length > 1)
    throw new SyntaxError("the XML has not exactly one root element");
  return element(root[0], content);
}

function element(name: string, content: Parsed): XmlElement {
  const named = (child: string): readonly Parsed[] =>
    typeof content === "object" && Object.hasOwn(content, child) ? (content[child] ?? []) : [];
  return {
    name,
    text(child) {
      const [first] = named(child);
      return typeof first === "string" ? first : undefined;
    },
    children: (child) => named(child).map((each) => element(child, each)),
  };
}
