import type { ActiveContent } from "./inspection.ts";
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
type Question =
  | "file"
  | "files"
  | "reference"
  | "played"
  | "thread"
  | "uri"
  | "trigger"
  | "triggers"
  | "uri-type";

/** A chain of references, or of actions each of which is the next one's, goes no further than that where it hides nothing. */
const maxRounds = 64;

/**
 * What active content the syntax of a PDF speaks of, as far as it is in the open: not in a stream, not encrypted. Needs neither
 * cross-references nor a sound file: an object that nothing refers to counts too, and of several with one number all.
 *
 * @param isRewritten - by PDFium: all streams are as long as they say
 */
export function scanPdfSyntax(pdf: Uint8Array, isRewritten = false): Set<ActiveContent> {
  const bytes = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength);
  const found = new Set<ActiveContent>();
  const places: number[] = [];
  const asked = new Set<string>();
  let open: { readonly question: Question; readonly number: number }[] = [];

  const ask = (question: Question, value: PdfValue | undefined): void => {
    if (value?.kind === "reference") {
      const key = `${question} ${value.number}`;
      if (asked.has(key)) return;
      asked.add(key);
      open.push({ question, number: value.number });
    } else if (value) answer(question, value);
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
        for (const each of entries?.values() ?? []) ask("trigger", each);
        break;
      case "trigger":
        // What nobody clicks on is fetched as soon as its moment comes.
        if (value.kind === "array") for (const each of value.items) ask("trigger", each);
        ask("uri-type", entries?.get("S"));
        ask("trigger", entries?.get("Next"));
    }
  };
  const consider = ({ entries, isStream }: PdfDictionary): void => {
    const type = entries.get("S");
    ask("uri", entries.get("URI"));
    ask("uri", entries.get("Base"));
    ask("files", entries.get("EF"));
    ask("played", entries.get("Subtype"));
    ask("played", type);
    ask("trigger", entries.get("OpenAction"));
    ask("triggers", entries.get("AA"));
    if (entries.has("F") || entries.has("UF")) {
      ask("thread", type);
      const system = entries.get("FS");
      if (system?.kind === "name" && system.text === "URL") found.add("external");
    }
    if (entries.has("JS") && type?.kind === "name" && type.text === "Rendition") found.add("javascript");
    if (!isStream) return;
    ask("file", entries.get("F"));
    ask("reference", entries.get("Ref"));
  };

  const visitor: PdfVisitor = {
    keptKeys,
    keptWithin,
    name(text) {
      const says = namesOf.get(text);
      if (says) found.add(says);
    },
    dictionary: consider,
    object: (number, at) => void (isPlace(number, at) && places.push(asPlace(number, at))),
  };
  walkPdfObjects(bytes, visitor, { trustsLengths: isRewritten });
  if (open.length === 0) return found;
  const inOrder = Float64Array.from(places).sort();
  for (let round = 0; round < maxRounds && open.length > 0; round += 1) {
    const questions = open;
    open = [];
    for (const { question, number } of questions)
      for (const at of placesOf(inOrder, number)) {
        const take = (value: PdfValue): boolean => {
          ask(question, value);
          return false;
        };
        const isWithin = question === "triggers";
        walkPdfObjects(bytes, { keptKeys, keptWithin, value: take }, { from: at, isWithin });
      }
  }
  if (open.length > 0) found.add("external");
  return found;
}

function activeIn(uri: string): ActiveContent[] {
  const address = uri.replace(/[\p{Cc}\s]+/gu, "");
  if (/^(?:javascript|vbscript):/i.test(address)) return ["javascript"];
  return /^(?:file:|\\\\)/i.test(address) ? ["external"] : [];
}

/** Objects and where they are, as one number each: tens of thousands are ordinary, and a file may claim millions. */
const placeSpan = 2 ** 31;
const isPlace = (number: number, at: number): boolean => number < 2 ** 22 && at < placeSpan;
const asPlace = (number: number, at: number): number => number * placeSpan + at;

function* placesOf(inOrder: Float64Array, number: number): Generator<number> {
  let [low, high] = [0, inOrder.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((inOrder[middle] ?? 0) < asPlace(number, 0)) low = middle + 1;
    else high = middle;
  }
  for (let index = low; index < inOrder.length; index += 1) {
    const place = inOrder[index] ?? 0;
    if (Math.floor(place / placeSpan) !== number) return;
    yield place % placeSpan;
  }
}
