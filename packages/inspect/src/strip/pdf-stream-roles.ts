import { type PdfValue, type PdfVisitor, walkPdfObjects } from "../walk-pdf-objects.ts";
import { unpack } from "./pdf-filters.ts";
import { type PdfStream, readPdfStreams } from "./pdf-streams.ts";
import { UnstrippableError } from "./pieces.ts";

/** What others make of a stream, whatever it says of itself. */
export type PdfStreamRole = "metadata" | "attachment" | undefined;

/** More than any object stream holds. */
const maxObjectStreamBytes = 64 * 1024 * 1024;

/** In a file specification's dictionary of embedded files (ISO 32000-2 section 7.11.3). */
const fileKeys = ["F", "UF", "DOS", "Mac", "Unix"];

/**
 * Tells what streams are by what refers to them, in the open or in an object stream, and by what they say: the metadata of
 * something (ISO 32000-2 section 14.3.2), or an attached file.
 *
 * @throws UnstrippableError where the document is encrypted, so that no stream can be looked into
 */
export function readStreamRoles(bytes: Buffer): (stream: PdfStream) => PdfStreamRole {
  const [metadata, attachments] = [new Set<number>(), new Set<number>()];
  const refuse = (value: PdfValue | undefined, kinds: readonly PdfValue["kind"][], why: string): void => {
    if (value && kinds.includes(value.kind)) throw new UnstrippableError(why);
  };
  const collect = (value: PdfValue | undefined, numbers: Set<number>): void => {
    if (value?.kind === "reference") numbers.add(value.number);
  };
  const visitor: PdfVisitor = {
    keptKeys: new Set(["Metadata", "Encrypt", "EF"]),
    keptWithin: { key: "EF", keys: new Set(fileKeys) },
    dictionary({ entries }) {
      refuse(entries.get("Encrypt"), ["reference", "dictionary"], "It is encrypted.");
      refuse(entries.get("EF"), ["reference"], "It does not say by itself which files are attached.");
      collect(entries.get("Metadata"), metadata);
      for (const key of fileKeys) collect(entries.get(key), attachments);
    },
  };
  walkPdfObjects(bytes, visitor, { trustsLengths: true });
  for (const { type, filters, from, to } of readPdfStreams(bytes)) {
    if (type !== "ObjStm") continue;
    const objects = filters && unpack(bytes.subarray(from, to), filters, maxObjectStreamBytes);
    if (!objects) throw new UnstrippableError("Its objects can't be looked into.");
    walkPdfObjects(objects.bytes, visitor);
  }
  return ({ number, type, subtype }) => {
    if (type === "EmbeddedFile" || attachments.has(number)) return "attachment";
    return type === "Metadata" || subtype === "XML" || metadata.has(number) ? "metadata" : undefined;
  };
}
