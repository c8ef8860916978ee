import {
  createContentTypesVisitor,
  createOfficePartVisitor,
  createOpenDocumentVisitor,
  createRelationshipsVisitor,
  createWorkbookPartVisitor,
} from "./active-in-package.ts";
import { createPageVisitor, isWithinPackage, mediaName } from "./active-in-page.ts";
import type { ActiveContent } from "./inspection.ts";
import { beginsAsMarkup, createXmlReader, encodingOf, type XmlVisitor } from "./read-xml.ts";
import { styleRefersElsewhere } from "./style-references.ts";
import { activeInBrokenMarkup } from "./svg-text.ts";

/** A look for active content in a part of a package: over its bytes as they are checked, then through them where that says so. */
export interface PartSearch {
  lookOver(chunk: Buffer): void;
  /** Once all of it was looked over: whether it is to be read. */
  readonly wantsAll: boolean;
  read(chunk: Buffer): void;
  end(): void;
}

interface Manner {
  readonly visitor: XmlVisitor;
  /** Names without which nothing is found; a name in XML is never written otherwise (XML 1.0, section 2.3). */
  readonly names?: RegExp;
  /** Whatever it is called, it is read if it is markup. */
  readonly onlyMarkup?: boolean;
  /** If it is none it is searched as a broken page, as which something else could have it read. */
  readonly isText?: boolean;
  /** It is searched as a style sheet, which may begin with what is a comment in markup as well. */
  readonly isStyle?: boolean;
  /** Programs read it even if it is no XML. */
  readonly isForgiven?: boolean;
  /** What has faults in it is read by no program alike. */
  readonly isStrict?: boolean;
  /** What may be in it where it can't be read to its end. */
  readonly unread: readonly ActiveContent[];
}

const openDocument = /^application\/vnd\.(?:oasis\.opendocument|sun\.xml)\./;
const openDocumentNames =
  /href|event-listener|execute-macro|encryption-data|dde-|applet|script[\s/>]|submission|instance|<!DOCTYPE/;
const wordOrPowerPoint =
  /^application\/vnd\.(?:openxmlformats-officedocument\.(?:wordprocessing|presentation)ml|ms-(?:word|powerpoint))\./;
const excel = /^application\/vnd\.(?:openxmlformats-officedocument\.spreadsheetml|ms-excel)\./;
/** Or what may stand for letters of them, in texts: not line ends and quotes, which many large sheets have. */
const workbookNames =
  /ddeLink|WEBSERVICE|IMAGE|&#(?:x?0|(?:6[5-9]|[78]\d|9[07-9]|1[01]\d|12[0-2]);|x[4-7][\da-f];)|<!/i;
const officeNames = /instrText|InstrText|fldSimple|hlink[A-Z]/;
const longestNameBytes = 32;
/** Of markup that is no XML so much is searched by its text. */
const brokenBytes = 4 * 1024 * 1024;
const book = "application/epub+zip";
/** Parts of books that are read as markup even if they don't begin as such. */
const pageName = /\.(?:xhtml?|html?|xht|xml|svg|opf|ncx|smil)$/i;

/** @returns `undefined` where nothing in such a part of such a file makes anybody run or fetch anything */
export function createPartSearch(
  contentType: string,
  part: string,
  found: Set<ActiveContent>,
  onEncrypted: () => void,
): PartSearch | undefined {
  const manner = mannerOf(contentType, part, found, onEncrypted);
  if (!manner) return undefined;
  const {
    visitor,
    names,
    onlyMarkup = false,
    isText = false,
    isStyle = false,
    isForgiven = false,
    isStrict = false,
    unread,
  } = manner;
  let beginning = Buffer.alloc(0);
  let end = "";
  let hasName = names === undefined;
  let isOther = false;
  const reader = createXmlReader(visitor);
  const kept: Buffer[] = [];
  let readBytes = 0;
  return {
    lookOver(chunk) {
      if (beginning.length < 1024) {
        beginning = Buffer.concat([beginning, chunk.subarray(0, 1024)]);
        isOther = onlyMarkup && !beginsAsMarkup(beginning);
      }
      if (hasName || isOther) return;
      const text = end + chunk.toString("latin1");
      hasName = names?.test(text) ?? true;
      end = text.slice(-longestNameBytes);
    },
    get wantsAll() {
      if (beginning.length === 0) return false;
      if (isOther) return isText;
      return hasName || !/^(?:utf-8|windows-1252)$/.test(encodingOf(beginning) ?? "");
    },
    read(chunk) {
      if (!isOther) reader.write(chunk);
      if (isForgiven && readBytes < brokenBytes) kept.push(chunk);
      readBytes += chunk.length;
    },
    end() {
      const outcome = isOther ? "faulty" : reader.end();
      const isBeyondUs =
        outcome === "unread" ||
        (outcome === "faulty" && (isStrict || (isForgiven && readBytes > brokenBytes)));
      if (isBeyondUs) for (const each of unread) found.add(each);
      if ((outcome === "xml" && !isStyle) || !isForgiven) return;
      const text = new TextDecoder(encodingOf(beginning)).decode(Buffer.concat(kept));
      if (outcome !== "xml") for (const each of activeInBrokenMarkup(text)) found.add(each);
      if (isStyle && styleRefersElsewhere(text, isWithinPackage)) found.add("external");
    },
  };
}

function mannerOf(
  contentType: string,
  part: string,
  found: Set<ActiveContent>,
  onEncrypted: () => void,
): Manner | undefined {
  // Of these two a part's name says nothing, whatever it is to others.
  if (openDocument.test(contentType)) {
    const visitor = createOpenDocumentVisitor(part, found, onEncrypted);
    return { visitor, names: openDocumentNames, onlyMarkup: true, unread: ["macros", "external"] };
  }
  const page = createPageVisitor("packaged", found);
  if (contentType === book) {
    // What a book's parts are is said elsewhere than in their names, but nobody calls a style sheet a picture.
    const isText = !mediaName.test(part);
    const onlyMarkup = !pageName.test(part);
    const isStyle = isText && onlyMarkup;
    return {
      visitor: page,
      onlyMarkup,
      isText,
      isStyle,
      isForgiven: true,
      unread: ["javascript", "external"],
    };
  }
  if (/\.rels$/i.test(part))
    return { visitor: createRelationshipsVisitor(found), isStrict: true, unread: ["external"] };
  if (/^\[Content_Types\]\.xml$/i.test(part))
    return { visitor: createContentTypesVisitor(found), isStrict: true, unread: ["macros"] };
  // What is in no browser's encoding, or no XML at all, runs in none.
  if (/\.(?:xhtml?|html?|svg)$/i.test(part)) return { visitor: page, isForgiven: true, unread: [] };
  if (excel.test(contentType)) {
    const visitor = createWorkbookPartVisitor(found);
    return { visitor, names: workbookNames, onlyMarkup: true, unread: ["launch", "external"] };
  }
  if (!wordOrPowerPoint.test(contentType)) return undefined;
  return {
    visitor: createOfficePartVisitor(found),
    names: officeNames,
    onlyMarkup: true,
    unread: ["external", "launch"],
  };
}
