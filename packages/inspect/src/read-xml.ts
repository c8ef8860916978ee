import { SaxesParser } from "saxes";

/** An element's attribute as it is written, and its name without a prefix: which one that is is the writer's choice. */
export interface XmlAttribute {
  readonly name: string;
  readonly local: string;
  readonly value: string;
}

/** Of every attribute of a name without its prefix, in lower case: which of them a program takes is not known here. */
export function valuesIn(attributes: readonly XmlAttribute[], local: string): readonly string[] {
  return attributes.filter((attribute) => attribute.local.toLowerCase() === local).map(({ value }) => value);
}

/** What is made of a document while it is read. Names of elements come without prefixes, as they are written. */
export interface XmlVisitor {
  element(local: string, attributes: readonly XmlAttribute[]): void;
  /** Elements, in lower case, whose text is wanted. */
  readonly textsOf?: ReadonlySet<string>;
  /** The text between such an element's tags, without that of elements within it. */
  text?(text: string): void;
  instruction?(target: string, body: string): void;
  /** All that stands between `<!DOCTYPE` and its end. */
  documentType?(declaration: string): void;
}

/**
 * What a document was: XML throughout, but for entities that are declared nowhere; XML with faults, read to its end; or nothing
 * that was read to its end, for its faults, its encoding, or how much of it is in one element.
 */
export type XmlOutcome = "xml" | "faulty" | "unread";

export interface XmlReader {
  write(bytes: Uint8Array): void;
  end(): XmlOutcome;
}

/**
 * Characters that matter in addresses and style sheets, by the names that documents of a public type have for them without
 * declaring any. Of what a document declares, names of one character are looked up, and no other entity.
 */
const namedCharacters: Readonly<Record<string, string>> = {
  Tab: "\t",
  NewLine: "\n",
  nbsp: "\u00a0",
  colon: ":",
  semi: ";",
  sol: "/",
  bsol: "\\",
  lpar: "(",
  rpar: ")",
  period: ".",
  commat: "@",
  num: "#",
  lowbar: "_",
};

/**
 * Reads XML 1.0 as it comes, in its encoding (appendix F: a mark, the width of its first character, or what its declaration
 * says; else UTF-8). What is no XML is read on as well as may be.
 */
export function createXmlReader(visitor: XmlVisitor): XmlReader {
  const parser = new SaxesParser({ xmlns: false, position: false });
  const elements: { text: string | undefined }[] = [];
  let attributes: XmlAttribute[] = [];
  let faults = 0;
  let isUnread = false;
  const giveUp = (): never => {
    isUnread = true;
    throw new UnreadXmlError();
  };
  parser.ENTITIES = new Proxy<Record<string, string>>(Object.assign(parser.ENTITIES, namedCharacters), {
    get: characterOf,
  });
  parser.on("error", () => {
    faults += 1;
    if (faults > maxFaults) giveUp();
  });
  const addText = (text: string): void => {
    const element = elements.at(-1);
    if (element?.text !== undefined) element.text += text;
  };
  // One by one, so that of those of one name, which is a fault, none is lost.
  parser.on("attribute", ({ name, value }) => {
    if (attributes.push({ name, local: localName(name), value }) > maxAttributes) giveUp();
  });
  parser.on("opentag", ({ name, isSelfClosing }) => {
    const local = localName(name);
    const its = attributes;
    attributes = [];
    visitor.element(local, its);
    if (isSelfClosing) return;
    if (elements.length >= maxDepth) giveUp();
    const isWanted = visitor.textsOf?.has(local.toLowerCase()) ?? false;
    elements.push({ text: isWanted ? "" : undefined });
    // Where nobody listens no text is put together, however much there is.
    if (isWanted) parser.on("text", addText);
  });
  parser.on("closetag", ({ isSelfClosing }) => {
    const text = isSelfClosing ? undefined : elements.pop()?.text;
    if (text === undefined) return;
    if (!elements.some((element) => element.text !== undefined)) parser.off("text");
    visitor.text?.(text);
  });
  parser.on("cdata", addText);
  parser.on("processinginstruction", ({ target, body }) => visitor.instruction?.(target, body));
  parser.on("doctype", (declaration) => {
    Object.assign(parser.ENTITIES, charactersIn(declaration));
    visitor.documentType?.(declaration);
  });

  const parse = (text: string, isEnd: boolean): void => {
    if (isUnread) return;
    try {
      parser.write(text);
      if (isEnd) parser.close();
    } catch (error) {
      if (!(error instanceof UnreadXmlError)) throw error;
    }
  };
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let head: Uint8Array = Buffer.alloc(0);
  const decodeHead = (): void => {
    const encoding = encodingOf(head);
    isUnread = encoding === undefined;
    decoder = new TextDecoder(encoding);
    parse(decoder.decode(head, { stream: true }), false);
  };
  return {
    write(bytes) {
      if (decoder) {
        parse(decoder.decode(bytes, { stream: true }), false);
        return;
      }
      head = Buffer.concat([head, bytes]);
      if (head.length >= declarationWithinBytes) decodeHead();
    },
    end() {
      if (!decoder) decodeHead();
      parse(decoder?.decode() ?? "", true);
      for (const { text } of elements.reverse()) if (text) visitor.text?.(text);
      if (isUnread) return "unread";
      return faults === 0 ? "xml" : "faulty";
    },
  };
}

/** What has so many faults is nothing that is read as XML by anybody, and each of them takes its time. */
const maxFaults = 1000;
/** Of an element; what people and programs write has a few dozen at most. */
const maxAttributes = 1000;
/** Elements within elements. */
const maxDepth = 10_000;

class UnreadXmlError extends Error {
  override readonly name = "UnreadXmlError";
}

const characterDeclaration =
  /<!ENTITY\s+([\w.-]+)\s+(?:"(?:&#(x[0-9a-f]+|\d+);|([^<&%"]))"|'(?:&#(x[0-9a-f]+|\d+);|([^<&%']))')\s*>/giu;
const markupByName: ReadonlySet<string> = new Set(["lt", "gt", "amp", "quot", "apos"]);

/** The characters that a document type has names for; of two of one name the first counts (XML 1.0, section 4.2). */
function charactersIn(declaration: string): Readonly<Record<string, string>> {
  const characters = new Map<string, string>();
  for (const [, name = "", number, character, number2, character2] of declaration.matchAll(
    characterDeclaration,
  )) {
    const code = number ?? number2;
    const one = character ?? character2 ?? (code === undefined ? undefined : characterBy(code));
    if (one !== undefined && !markupByName.has(name) && !characters.has(name)) characters.set(name, one);
  }
  return Object.fromEntries(characters);
}

/** By what stands in a character reference between `&#` and `;`. */
function characterBy(reference: string): string | undefined {
  const code = /^x/i.test(reference) ? Number.parseInt(reference.slice(1), 16) : Number(reference);
  return code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
}

/**
 * Whether a document type has nothing in it but names for characters: what others stand for could be any markup or address.
 * That for a character that begins markup is no such name.
 */
export function declaresCharactersAlone(declaration: string): boolean {
  const subset = declaration.slice(declaration.indexOf("[") + 1, declaration.lastIndexOf("]"));
  const rest = subset.replace(
    characterDeclaration,
    (all: string, _name, number?: string, _character?: string, number2?: string) => {
      const character = characterBy(number ?? number2 ?? "32");
      return character === undefined || /[<&]/.test(character) ? all : "";
    },
  );
  return rest.replace(/<!--[\s\S]*?-->/g, "").trim() === "";
}

/** An entity that is declared elsewhere stands for itself: it is no fault of the document's, and no markup. */
function characterOf(known: object, name: string | symbol): unknown {
  const character: unknown = Reflect.get(known, name);
  const isName = typeof name === "string" && /^[\p{L}_][\p{L}\p{N}._-]{0,100}$/u.test(name);
  return character === undefined && isName ? `&${name};` : character;
}

const localName = (name: string): string => name.slice(name.lastIndexOf(":") + 1);

const declarationWithinBytes = 1024;

/** The first character in four bytes, of UTF-32 in any order of theirs or with a mark; or in EBCDIC. */
const unreadBeginning =
  /^(?:\xff\xfe\0\0|\0\0\xfe\xff|<\0\0\0[^\0]\0\0\0|\0\0\0<\0\0\0[^\0]|\0\0<\0\0\0[^\0]\0|\0<\0\0\0[^\0]\0\0|\x4c\x6f\xa7\x94)/;

/** What a text in XML is decoded as, by its beginning; `undefined` where nothing here decodes it. */
export function encodingOf(beginning: Uint8Array): string | undefined {
  const latin = Buffer.from(beginning.buffer, beginning.byteOffset, beginning.byteLength)
    .subarray(0, declarationWithinBytes)
    .toString("latin1");
  if (unreadBeginning.test(latin)) return undefined;
  if (/^\xfe\xff|^\0[\t\n\r <]/.test(latin)) return "utf-16be";
  if (/^\xff\xfe|^[\t\n\r <]\0/.test(latin)) return "utf-16le";
  const declared = /^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(latin)?.[1];
  // Whatever it may say behind so much.
  if (latin.length === declarationWithinBytes && /^(?:\xef\xbb\xbf)?\s*<\?xml\s[^>]*$/.test(latin))
    return undefined;
  // One that says it in bytes of one each is not of two.
  if (declared === undefined || /^utf-?16|^ucs-?2|^iso-10646/i.test(declared)) return "utf-8";
  try {
    return new TextDecoder(declared).encoding;
  } catch {
    // UTF-7 and others that no browser has, and some libraries do.
    return undefined;
  }
}

/** Whether a file begins as markup does, in one of the encodings that are read here. */
export function beginsAsMarkup(beginning: Uint8Array): boolean {
  const encoding = encodingOf(beginning);
  if (encoding === undefined) return true;
  const text = new TextDecoder(encoding).decode(beginning);
  // White space may be all there is so far.
  return /^\s*(?:<|$)/.test(text);
}
