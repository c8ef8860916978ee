import { SaxesParser } from "saxes";

/** An element's attribute as it is written, and its name without a prefix: which one that is is the writer's choice. */
export interface XmlAttribute {
  readonly name: string;
  readonly local: string;
  readonly value: string;
}

/** Of the first attribute of a name without its prefix, in lower case; empty where there is none. */
export function valueIn(attributes: readonly XmlAttribute[], local: string): string {
  return attributes.find((attribute) => attribute.local.toLowerCase() === local)?.value ?? "";
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

export interface XmlReader {
  write(bytes: Uint8Array): void;
  /** @returns whether the document was XML throughout, but for entities that are declared nowhere */
  end(): boolean;
}

/**
 * Characters that matter in addresses and style sheets, by the names that documents of a public type have for them without
 * declaring any. No other entity is looked up, and none that the document declares.
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
  let faults = 0;
  parser.ENTITIES = new Proxy<Record<string, string>>(Object.assign(parser.ENTITIES, namedCharacters), {
    get: characterOf,
  });
  parser.on("error", () => {
    faults += 1;
    if (faults > maxFaults) throw new NoXmlError();
  });
  const addText = (text: string): void => {
    const element = elements.at(-1);
    if (element?.text !== undefined) element.text += text;
  };
  parser.on("opentag", ({ name, attributes, isSelfClosing }) => {
    const local = localName(name);
    visitor.element(
      local,
      Object.entries(attributes).map(([name, value]) => ({ name, local: localName(name), value })),
    );
    if (isSelfClosing) return;
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
  parser.on("doctype", (declaration) => visitor.documentType?.(declaration));

  const parse = (text: string, isEnd: boolean): void => {
    if (faults > maxFaults) return;
    try {
      parser.write(text);
      if (isEnd) parser.close();
    } catch (error) {
      if (!(error instanceof NoXmlError)) throw error;
    }
  };
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  let head: Uint8Array = Buffer.alloc(0);
  const decodeHead = (): void => {
    decoder = new TextDecoder(encodingOf(head));
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
      return faults === 0;
    },
  };
}

/** What has so many faults is nothing that is read as XML by anybody, and each of them takes its time. */
const maxFaults = 1000;

class NoXmlError extends Error {
  override readonly name = "NoXmlError";
}

/** An entity that is declared elsewhere stands for itself: it is no fault of the document's, and no markup. */
function characterOf(known: object, name: string | symbol): unknown {
  const character: unknown = Reflect.get(known, name);
  const isName = typeof name === "string" && /^[\p{L}_][\p{L}\p{N}._-]{0,100}$/u.test(name);
  return character === undefined && isName ? `&${name};` : character;
}

const localName = (name: string): string => name.slice(name.lastIndexOf(":") + 1);

const declarationWithinBytes = 1024;

/** What a text in XML is decoded as, by its beginning. */
export function encodingOf(beginning: Uint8Array): string {
  const latin = Buffer.from(beginning.buffer, beginning.byteOffset, beginning.byteLength)
    .subarray(0, declarationWithinBytes)
    .toString("latin1");
  if (/^\xfe\xff|^\0[\t\n\r <]/.test(latin)) return "utf-16be";
  if (/^\xff\xfe|^[\t\n\r <]\0/.test(latin)) return "utf-16le";
  const declared = /^(?:\xef\xbb\xbf)?\s*<\?xml[^>]*?\sencoding\s*=\s*["']([\w.:-]+)["']/.exec(latin)?.[1];
  // One that says it in bytes of one each is not of two.
  if (declared === undefined || /^utf-?16|^ucs-?2|^iso-10646/i.test(declared)) return "utf-8";
  try {
    return new TextDecoder(declared).encoding;
  } catch {
    // A name that nobody knows: what matters here is written in ASCII.
    return "utf-8";
  }
}

/** Whether a file begins as markup does, in one of the encodings that are read here. */
export function beginsAsMarkup(beginning: Uint8Array): boolean {
  const text = new TextDecoder(encodingOf(beginning)).decode(beginning);
  // White space may be all there is so far.
  return /^\s*(?:<|$)/.test(text);
}
