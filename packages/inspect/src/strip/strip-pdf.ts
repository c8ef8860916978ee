import { deflateSync } from "node:zlib";
import { assertFew, fill, type Patch, patched } from "./blank.ts";
import { hasXmp, isDocumentXmp, isXmp, isXmpWithinOfDocument } from "./document-xmp.ts";
import { type ByteSource, bytesSource } from "./iso-boxes.ts";
import { type Unpacked, unpack } from "./pdf-filters.ts";
import { quietGaps } from "./pdf-gaps.ts";
import { type PdfStreamRole, readStreamRoles } from "./pdf-stream-roles.ts";
import { type PdfFilter, type PdfStream, readPdfStreams } from "./pdf-streams.ts";
import { isPdfSpace } from "./pdf-values.ts";
import { type Stripped, UnstrippableError } from "./pieces.ts";
import { quietJpeg } from "./quiet-jpeg.ts";
import { quietJpeg2000 } from "./quiet-jpeg2000.ts";
import { apply } from "./stretches.ts";

/** Read whole; a larger document has previews alone. */
const maxDocumentBytes = 256 * 1024 * 1024;
const readBytes = 8 * 1024 * 1024;

/** More than any attached text, font, or picture takes that is packed as a stream. */
const maxUnpackedBytes = 64 * 1024 * 1024;
const maxXmpBytes = 8 * 1024 * 1024;

/** What files of pictures, films, documents and archives begin with: an attachment need not say that it is one. */
const fileBeginnings = [
  ...["\xff\xd8\xff", "\x89PNG", "GIF8", "RIFF", "II*\0", "MM\0*", "\x1a\x45\xdf\xa3"],
  ...["%PDF", "PK\x03\x04", "Rar!", "7z\xbc\xaf", "\x1f\x8b"],
];

/** XMP that says nothing. */
const emptyXmp = Buffer.from(
  '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/></x:xmpmeta>',
);

/**
 * A PDF whose pictures say nothing but what is to be seen in them, and whose XMP is what documents say of themselves or gone:
 * bytes are written over in place, so that no offset changes; so is what belongs to no object. Title, author and programs (the
 * document's information), attached text, earlier revisions and what is on its pages are the document itself, and stay.
 *
 * ISO 32000-2 sections 7.3.8, 7.4, 7.11.4 and 14.3.2.
 *
 * @throws UnstrippableError where it is encrypted, a stream can't be looked into or written over (packed in a rare way, damaged), a
 *   file is attached that is no text, or something would have to go from a document that is signed
 */
export async function stripPdf(source: ByteSource): Promise<Stripped> {
  if (source.sizeBytes > maxDocumentBytes) throw new UnstrippableError("It is too large.");
  // Into one buffer: it is there once, and not in parts as well.
  const bytes = Buffer.allocUnsafeSlow(source.sizeBytes);
  for (let at = 0; at < source.sizeBytes; at += readBytes)
    bytes.set(await source.read(at, Math.min(source.sizeBytes, at + readBytes)), at);
  const roleOf = readStreamRoles(bytes);
  const patches: Patch[] = quietGaps(bytes);
  for (const stream of readPdfStreams(bytes)) {
    const data = bytes.subarray(stream.from, stream.to);
    for (const patch of await quietStream(stream, data, roleOf(stream))) patches.push(patch);
    assertFew(patches);
  }
  const stripped = await patched(bytesSource(bytes), patches);
  // What a signature is of may not change in any bit, or all who are given it are told that it was forged.
  if (!stripped.isSame && isSigned(bytes)) throw new UnstrippableError("It is signed.");
  return stripped;
}

async function quietStream(stream: PdfStream, data: Buffer, role: PdfStreamRole): Promise<readonly Patch[]> {
  const { subtype, filters, from } = stream;
  if (!filters) throw new UnstrippableError("It does not say by itself how its streams are packed.");
  const last = filters.at(-1)?.name;
  if (last === "DCTDecode" || last === "DCT") {
    return filters.length === 1 ? quietJpeg(data, from) : quietPacked(filters, data, from);
  }
  if (last === "JPXDecode" && filters.length === 1) return quietJpeg2000(data, from);
  if (filters.some(({ name }) => /^(?:DCT|JPX)/.test(name)))
    throw new UnstrippableError("A picture is packed in a way that is not known.");
  if (role === "metadata") {
    const xmp = unpack(data, filters, maxXmpBytes);
    return xmp && isDocumentXmp(xmp.bytes) ? quietTail(stream, data, xmp) : overwrite(stream);
  }
  if (subtype === "Image" || (last !== undefined && isPixelFilter.test(last))) return [];
  const unpacked = unpack(data, filters, maxUnpackedBytes);
  if (!unpacked) throw new UnstrippableError("A stream can't be looked into.");
  const { bytes: content } = unpacked;
  if (role === "attachment" ? !isText(content) : beginsAsFile(content))
    throw new UnstrippableError("A file is attached that is no text.");
  if (content.includes(exifMark) || hasInlineJpeg(content))
    throw new UnstrippableError("A picture is where it can't be written over.");
  const tail = quietTail(stream, data, unpacked);
  if (!hasXmp(content)) return tail;
  if (role !== "attachment" && isXmp(content)) return isDocumentXmp(content) ? tail : overwrite(stream);
  if (!isXmpWithinOfDocument(content)) throw new UnstrippableError("There is XMP within something else.");
  return tail;
}

/** Zeros over what follows deflated data, where it is more than white space. */
function quietTail({ from, to }: PdfStream, data: Buffer, { packedBytes }: Unpacked): readonly Patch[] {
  return isBlank(data, packedBytes) ? [] : fill(from + packedBytes, to, 0);
}

function isBlank(data: Buffer, from: number): boolean {
  for (let at = from; at < data.length; at += 1) if (!isPdfSpace(data[at])) return false;
  return true;
}

const isPixelFilter = /^(?:CCITTFaxDecode|CCF|JBIG2Decode)$/;

/** What begins EXIF in a picture, wherever that is. */
const exifMark = Buffer.from("Exif\0\0");

/** By so much of it a stream is told to be what it does not say that it is. */
function beginsAsFile(content: Buffer): boolean {
  const text = content.toString("latin1", 0, 16);
  return text.startsWith("ftyp", 4) || fileBeginnings.some((beginning) => text.startsWith(beginning));
}

/** Between a page's commands, as it is or packed once more (ISO 32000-2 section 8.9.7). */
function hasInlineJpeg(content: Buffer): boolean {
  if (!content.includes("DCT")) return false;
  for (let at = content.indexOf("/DCT"); at !== -1; at = content.indexOf("/DCT", at + 4)) {
    const before = content.toString("latin1", Math.max(0, at - inlineBytes), at);
    const after = content.toString("latin1", at, at + inlineBytes);
    if (/(?:^|\s)BI\b/.test(before) && /\bID\b/.test(after)) return true;
  }
  return false;
}

/** Before and behind the name of a filter: a picture's dictionary is shorter. */
const inlineBytes = 1024;

/** A JPEG that was packed again is written over where what is left of it can be packed into as many bytes. */
function quietPacked(filters: readonly PdfFilter[], data: Buffer, from: number): readonly Patch[] {
  const jpeg = unpack(data, filters.slice(0, -1), maxUnpackedBytes)?.bytes;
  if (!jpeg) throw new UnstrippableError("A picture is packed in a way that is not known.");
  const quiet = Buffer.from(jpeg);
  apply(quiet, quietJpeg(jpeg, 0));
  if (quiet.equals(jpeg)) return [];
  const packed = isFlate(filters.slice(0, -1)) ? deflateSync(quiet, { level: 9 }) : undefined;
  if (!packed || packed.length > data.length)
    throw new UnstrippableError("A picture can't be packed as it was.");
  return [{ from, bytes: packed }, ...fill(from + packed.length, from + data.length, 0)];
}

/** By deflating alone. */
const isFlate = ([filter, ...more]: readonly PdfFilter[]): boolean =>
  more.length === 0 && /^Fl(?:ateDecode)?$/.test(filter?.name ?? "") && !filter?.parameters?.Predictor;

/** XMP that says nothing, packed as the stream's dictionary says; where that takes too much room, what is no XMP. */
function overwrite({ filters = [], from, to }: PdfStream): readonly Patch[] {
  const bytes = filters.length === 0 ? emptyXmp : isFlate(filters) ? deflateSync(emptyXmp) : undefined;
  const filler = isFlate(filters) ? 0 : space;
  if (!bytes || bytes.length > to - from) return fill(from, to, filler);
  return [{ from, bytes }, ...fill(from + bytes.length, to, filler)];
}

const space = 0x20;

/** Text in UTF-8, and no markup of pictures or pages that could hold them. */
function isText(bytes: Buffer): boolean {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return !/[^\P{Cc}\t\n\r\f]/u.test(text) && !/^\s*%PDF|<svg|<html|data:image/i.test(text);
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

/** A signature says of which bytes it is (section 12.8.1), in the open: it could not be filled in otherwise. */
const isSigned = (bytes: Buffer): boolean => bytes.includes("/ByteRange");
