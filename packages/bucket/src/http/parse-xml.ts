import { S3Error } from "./s3-error.ts";

export interface XmlElement {
  readonly name: string;
  /** Of an element without others in it. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

/** As deep as S3's request documents are, with room. */
const maxDepth = 8;
/** 10,000 parts with up to seven members each. */
const maxElements = 80_000;

const declaration = /^\uFEFF?(?:<\?xml[ \t\r\n][^<>?]*\?>)?/;
/** More attributes than any document has; unbounded, a million of them would overflow the expression's stack. */
const startTag =
  /<([A-Za-z][A-Za-z0-9]*)(?:[ \t\r\n]+[A-Za-z_][\w:.-]*[ \t\r\n]*=[ \t\r\n]*(?:"[^<&"]*"|'[^<&']*')){0,8}[ \t\r\n]*(\/?)>/y;
const endTag = /<\/([A-Za-z][A-Za-z0-9]*)[ \t\r\n]*>/y;
const textRun = /[^<]+/y;
const onlySpace = /^[ \t\r\n]*$/;
const reference = /&(?:(amp|lt|gt|quot|apos)|#(?:x([0-9A-Fa-f]{1,6})|([0-9]{1,7})));/y;
const named: ReadonlyMap<string, string> = new Map([
  ["amp", "&"],
  ["lt", "<"],
  ["gt", ">"],
  ["quot", '"'],
  ["apos", "'"],
]);

const malformed = (cause?: unknown): S3Error =>
  new S3Error(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
    { cause },
  );

const isCharacter = (code: number): boolean =>
  code > 0 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff);

function unescapeText(text: string): string {
  let at = text.indexOf("&");
  if (at === -1) return text;
  let plain = "";
  let from = 0;
  for (; at !== -1; at = text.indexOf("&", from)) {
    reference.lastIndex = at;
    const match = reference.exec(text);
    if (!match) throw malformed();
    const [whole, name, hex, decimal] = match;
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    if (name === undefined && !isCharacter(code)) throw malformed();
    plain += text.slice(from, at) + (named.get(name ?? "") ?? String.fromCodePoint(code));
    from = at + whole.length;
  }
  return plain + text.slice(from);
}

interface OpenElement {
  readonly name: string;
  text: string;
  readonly children: XmlElement[];
}

/**
 * Reads the small part of XML 1.0 that S3's request documents are written in: elements and text, with
 * attributes (namespaces) passed over. No DTD, hence no entities but the five that XML has; no comments,
 * CDATA, instructions or mixed content. Throws S3Error (MalformedXML) for anything else.
 */
export function parseXml(body: Buffer): XmlElement {
  let xml: string;
  try {
    xml = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch (cause) {
    throw malformed(cause);
  }
  let at = declaration.exec(xml)?.[0].length ?? 0;
  const next = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(xml);
    if (!match) return undefined;
    at = pattern.lastIndex;
    return match;
  };

  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  let elementCount = 0;
  const close = (element: OpenElement): void => {
    if (element.children.length > 0 && !onlySpace.test(element.text)) throw malformed();
    const closed = { ...element, text: unescapeText(element.text) };
    const parent = open.at(-1);
    if (parent) parent.children.push(closed);
    else root = closed;
  };

  while (at < xml.length) {
    const run = next(textRun)?.[0];
    if (run !== undefined) {
      const parent = open.at(-1);
      if (parent) parent.text += run;
      else if (!onlySpace.test(run)) throw malformed();
      continue;
    }
    const start = next(startTag);
    if (start) {
      elementCount += 1;
      if (root !== undefined || open.length >= maxDepth || elementCount > maxElements) throw malformed();
      const element: OpenElement = { name: start[1] ?? "", text: "", children: [] };
      if (start[2] === "/") close(element);
      else open.push(element);
      continue;
    }
    const end = next(endTag);
    const element = end && open.pop();
    if (!element || element.name !== end[1]) throw malformed();
    close(element);
  }
  if (root === undefined || open.length > 0) throw malformed();
  return root;
}

/**
 * The members of an element by name, where each may be there once. Throws S3Error (MalformedXML) for
 * one that is not `known` or there twice.
 */
export function membersOf(element: XmlElement, known: readonly string[]): Map<string, string> {
  const members = new Map<string, string>();
  for (const { name, text, children } of element.children) {
    if (children.length > 0 || members.has(name) || !known.includes(name)) throw malformed();
    members.set(name, text);
  }
  return members;
}

/** The document's root, if it has this name. Throws S3Error (MalformedXML). */
export function parseDocument(body: Buffer, name: string): XmlElement {
  const root = parseXml(body);
  if (root.name !== name) throw malformed();
  return root;
}

export { malformed as malformedXml };
