import {
  createContentTypesVisitor,
  createOfficePartVisitor,
  createOpenDocumentVisitor,
  createRelationshipsVisitor,
} from "./active-in-package.ts";
import { createPageVisitor } from "./active-in-page.ts";
import type { ActiveContent } from "./inspection.ts";
import { beginsAsMarkup, createXmlReader, encodingOf, type XmlVisitor } from "./read-xml.ts";
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
  /** Programs read it even if it is no XML. */
  readonly isForgiven?: boolean;
  /** What may be in it where it can't be read to its end. */
  readonly unread: readonly ActiveContent[];
}

const openDocument = /^application\/vnd\.(?:oasis\.opendocument|sun\.xml)\./;
const openDocumentNames =
  /href|event-listener|execute-macro|encryption-data|dde-|applet|script[\s/>]|<!DOCTYPE/;
const wordOrPowerPoint =
  /^application\/vnd\.(?:openxmlformats-officedocument\.(?:wordprocessing|presentation)ml|ms-(?:word|powerpoint))\./;
const officeNames = /instrText|InstrText|fldSimple|hlink[A-Z]/;
const longestNameBytes = 32;
/** Of markup that is no XML so much is searched by its text. */
const brokenBytes = 4 * 1024 * 1024;

/** @returns `undefined` where nothing in such a part of such a file makes anybody run or fetch anything */
export function createPartSearch(
  contentType: string,
  part: string,
  found: Set<ActiveContent>,
  onEncrypted: () => void,
): PartSearch | undefined {
  const manner = mannerOf(contentType, part, found, onEncrypted);
  if (!manner) return undefined;
  const { visitor, names, onlyMarkup = false, isForgiven = false, unread } = manner;
  let beginning = Buffer.alloc(0);
  let end = "";
  let hasName = names === undefined;
  let isOther = false;
  const reader = createXmlReader(visitor);
  const kept: Buffer[] = [];
  let keptBytes = 0;
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
      if (isOther || beginning.length === 0) return false;
      return hasName || !/^(?:utf-8|windows-1252)$/.test(encodingOf(beginning) ?? "");
    },
    read(chunk) {
      reader.write(chunk);
      if (isForgiven && keptBytes < brokenBytes) keptBytes += kept.push(chunk) && chunk.length;
    },
    end() {
      const outcome = reader.end();
      if (outcome === "unread") for (const each of unread) found.add(each);
      if (outcome === "xml" || !isForgiven) return;
      const text = new TextDecoder(encodingOf(beginning)).decode(Buffer.concat(kept));
      for (const each of activeInBrokenMarkup(text)) found.add(each);
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
  if (contentType === "application/epub+zip")
    return { visitor: page, onlyMarkup: true, isForgiven: true, unread: ["javascript", "external"] };
  if (/\.rels$/i.test(part)) return { visitor: createRelationshipsVisitor(found), unread: ["external"] };
  if (/^\[Content_Types\]\.xml$/i.test(part))
    return { visitor: createContentTypesVisitor(found), unread: ["macros"] };
  // What is in no browser's encoding, or no XML at all, runs in none.
  if (/\.(?:xhtml?|html?|svg)$/i.test(part)) return { visitor: page, isForgiven: true, unread: [] };
  if (!wordOrPowerPoint.test(contentType)) return undefined;
  return {
    visitor: createOfficePartVisitor(found),
    names: officeNames,
    onlyMarkup: true,
    unread: ["external", "launch"],
  };
}
