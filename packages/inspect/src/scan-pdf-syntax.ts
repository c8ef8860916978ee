import type { ActiveContent } from "./inspection.ts";
import { createObjectPlaces, isObjectNumber, objectNumbers } from "./object-places.ts";
import { type PdfDictionary, type PdfValue, type PdfVisitor, walkPdfObjects } from "./walk-pdf-objects.ts";

/**
 * Names that say it wherever they stand: types of actions (ISO 32000-2, 12.6.4), which may be in an object of their own, and
 * keys or types that nothing else has.
 */
const namesOf = new Map<string, ActiveContent>([
  ["JavaScript", "javascript"],
  ["Launch", "launch"],
  ["SubmitForm", "submit"],
  ["ImportData", "submit"],
  ["GoToR", "external"],
  ["GoToE", "embedded-files"],
  ["EmbeddedFiles", "embedded-files"],
  ["EmbeddedFile", "embedded-files"],
  ["FileAttachment", "embedded-files"],
  ["XFA", "xfa"],
  ["Rendition", "media"],
  ["RichMedia", "media"],
  ["RichMediaExecute", "media"],
  ["GoTo3DView", "media"],
]);

/** Types of annotations and of actions that are words for other things elsewhere. */
const playedTypes: ReadonlySet<string> = new Set(["Movie", "Sound", "3D"]);
/** Where a file specification has its file, by the system that is to open it (7.11.3, 7.11.4). */
const fileKeys = ["F", "UF", "DOS", "Mac", "Unix"] as const;

const keptKeys: ReadonlySet<string> = new Set([
  ...fileKeys,
  ...["S", "Subtype", "URI", "Base", "EF", "FS", "Ref", "JS", "OpenAction", "AA", "Next"],
]);

/** When an action is run without being asked for (12.6.3, tables 197 to 200). */
const keptWithin = {
  key: "AA",
  keys: new Set("E X D U Fo Bl PO PC PV PI O C K F V WC WS DS WP DP".split(" ")),
} as const;

/** What is asked of a value that may be an object of its own. */
const questions = [
  ...["file", "files", "reference", "played", "thread"],
  ...["uri", "trigger", "triggers", "uri-type"],
] as const;
type Question = (typeof questions)[number];

/** A chain of references, or of actions each of which is the next one's, goes no further than that where it hides nothing. */
const maxRounds = 64;
/** So many things are asked of other objects at most: few are in honest files. */
const maxAsked = 2 ** 18;
/** What is asked of other objects takes reading so many times the whole file at most, and so much more. */
const maxReadings = 4;
const maxReadingsMoreBytes = 2 ** 20;

export interface PdfScan {
  readonly found: Set<ActiveContent>;
  /** Bytes gone through, values asked about, and objects looked up. */
  readonly steps: number;
}

/**
 * What active content the syntax of a PDF speaks of, as far as it is in the open: not in a stream, not encrypted. Needs neither
 * cross-references nor a sound file: an object that nothing refers to counts too, and of several with one number all. What would
 * take longer to follow than honest files do is said to lead elsewhere: `external`.
 *
 * @param isRewritten - by PDFium: all streams are as long as they say
 */
export function scanPdfSyntax(pdf: Uint8Array, isRewritten = false): Set<ActiveContent> {
  return scanPdf(Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength), isRewritten).found;
}

export function scanPdf(bytes: Buffer, isRewritten: boolean): PdfScan {
  const found = new Set<ActiveContent>();
  const places = createObjectPlaces();
  let steps = 0;
  /** Of a question and an object one number each. */
  const asked = new Set<number>();
  let open: number[] = [];
  const giveUp = (): void => void found.add("external");

  const ask = (question: Question, value: PdfValue | undefined): void => {
    if (!value) return;
    steps += 1;
    if (value.kind !== "reference") answer(question, value);
    else if (!isObjectNumber(value.number)) giveUp();
    else {
      const key = questions.indexOf(question) * objectNumbers + value.number;
      if (asked.has(key)) return;
      if (asked.size === maxAsked) giveUp();
      else {
        asked.add(key);
        open.push(key);
      }
    }
  };
  const askEach = (question: Question, { entries, repeated }: PdfDictionary, key: string): void => {
    ask(question, entries.get(key));
    for (const [repeatedKey, value] of repeated) if (repeatedKey === key) ask(question, value);
  };
  const answer = (question: Question, value: PdfValue): void => {
    const entries = value.kind === "dictionary" ? value.entries : undefined;
    const name = value.kind === "name" ? value.text : undefined;
    switch (question) {
      case "uri":
        if (value.kind === "string") for (const says of activeIn(value.text)) found.add(says);
        break;
      case "files":
        if (entries && fileKeys.some((key) => entries.has(key))) found.add("embedded-files");
        break;
      case "file":
        if (entries || (value.kind === "string" && value.text !== "")) found.add("external");
        break;
      case "reference":
        if (entries?.has("F") || entries?.has("UF")) found.add("external");
        break;
      case "played":
        if (name !== undefined && playedTypes.has(name)) found.add("media");
        break;
      case "thread":
        if (name === "Thread") found.add("external");
        break;
      case "uri-type":
        if (name === "URI") found.add("external");
        break;
      case "triggers":
        if (value.kind !== "dictionary") break;
        for (const each of value.entries.values()) ask("trigger", each);
        for (const [, each] of value.repeated) ask("trigger", each);
        break;
      case "trigger":
        // What nobody clicks on is fetched as soon as its moment comes.
        if (value.kind === "array") for (const each of value.items) ask("trigger", each);
        if (value.kind !== "dictionary") break;
        askEach("uri-type", value, "S");
        askEach("trigger", value, "Next");
    }
  };
  const consider = (dictionary: PdfDictionary): void => {
    const { entries, isStream } = dictionary;
    const has = (key: string, name: string): boolean =>
      isName(entries.get(key), name) ||
      dictionary.repeated.some(([repeatedKey, value]) => repeatedKey === key && isName(value, name));
    askEach("uri", dictionary, "URI");
    askEach("uri", dictionary, "Base");
    askEach("files", dictionary, "EF");
    askEach("played", dictionary, "Subtype");
    askEach("played", dictionary, "S");
    askEach("trigger", dictionary, "OpenAction");
    askEach("triggers", dictionary, "AA");
    if (entries.has("F") || entries.has("UF")) {
      askEach("thread", dictionary, "S");
      if (has("FS", "URL")) found.add("external");
    }
    if (entries.has("JS") && has("S", "Rendition")) found.add("javascript");
    if (!isStream) return;
    askEach("file", dictionary, "F");
    askEach("reference", dictionary, "Ref");
  };

  const visitor: PdfVisitor = {
    keptKeys,
    keptWithin,
    name(text) {
      const says = namesOf.get(text);
      if (says) found.add(says);
    },
    dictionary: consider,
    object: (number, at) => places.add(number, at),
    tooMuch: giveUp,
  };
  const { end, endlessFrom } = walkPdfObjects(bytes, visitor, { trustsLengths: isRewritten });
  steps += end;
  const again = { trustsLengths: isRewritten, endlessFrom };
  let bytesLeft = maxReadings * bytes.length + maxReadingsMoreBytes;
  for (let round = 0; round < maxRounds && open.length > 0 && bytesLeft > 0; round += 1) {
    const keys = open;
    open = [];
    for (const key of keys) {
      const question = questions[Math.floor(key / objectNumbers)];
      if (!question) break;
      for (const from of places.of(key % objectNumbers)) {
        if (bytesLeft <= 0) break;
        const value = (each: PdfValue): boolean => {
          ask(question, each);
          return false;
        };
        const isWithin = question === "triggers";
        const walked = walkPdfObjects(
          bytes,
          { keptKeys, keptWithin, value, tooMuch: giveUp },
          { ...again, from, isWithin },
        );
        steps += 1 + walked.end - from;
        bytesLeft -= 1 + walked.end - from;
      }
    }
  }
  if (open.length > 0 || bytesLeft <= 0 || (asked.size > 0 && places.isFull)) giveUp();
  return { found, steps };
}

const isName = (value: PdfValue | undefined, name: string): boolean =>
  value?.kind === "name" && value.text === name;

/** Where Windows signs in to whatever machine is named: by its own paths, by `file:`, and by `smb:`. */
function activeIn(uri: string): ActiveContent[] {
  const address = uri.replace(/[\p{Cc}\s]+/gu, "");
  if (/^(?:javascript|vbscript):/i.test(address)) return ["javascript"];
  return /^(?:file:|smb:|\\\\)/i.test(address) ? ["external"] : [];
}
