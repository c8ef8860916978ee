import { constants, deflateSync, inflateSync } from "node:zlib";
import { fill, type Patch, patched } from "./blank.ts";
import { isDocumentXmp } from "./document-xmp.ts";
import type { ByteSource } from "./iso-boxes.ts";
import { type PdfStream, readPdfStreams } from "./pdf-streams.ts";
import { type Stripped, UnstrippableError } from "./pieces.ts";
import { quietJpeg } from "./quiet-jpeg.ts";
import { quietJpeg2000 } from "./quiet-jpeg2000.ts";
import { apply } from "./stretches.ts";

/** Read whole; a larger document has previews alone. */
const maxDocumentBytes = 256 * 1024 * 1024;
const readBytes = 64 * 1024 * 1024;

/** More than any attached text, or picture, takes that is packed as a stream. */
const maxUnpackedBytes = 64 * 1024 * 1024;
const maxXmpBytes = 8 * 1024 * 1024;

/** By so much of it a stream is told to be what it does not say that it is. */
const beginningBytes = 512;

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
 * bytes are written over in place, so that no offset changes. Title, author and programs (the document's information), attached
 * text, earlier revisions and what is on its pages are the document itself, and stay.
 *
 * ISO 32000-2 sections 7.3.8, 7.4, 7.11.4 and 14.3.2.
 *
 * @throws UnstrippableError where a picture can't be looked into or written over (it is encrypted, or packed in a rare way), a file
 *   is attached that is no text, or something would have to go from a document that is signed
 */
export async function stripPdf(source: ByteSource): Promise<Stripped> {
  if (source.sizeBytes > maxDocumentBytes) throw new UnstrippableError("It is too large.");
  const parts: Buffer[] = [];
  for (let at = 0; at < source.sizeBytes; at += readBytes)
    parts.push(await source.read(at, Math.min(source.sizeBytes, at + readBytes)));
  const bytes = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
  const patches: Patch[] = [];
  for (const stream of readPdfStreams(bytes)) {
    const data = bytes.subarray(stream.from, stream.to);
    for (const patch of await quietStream(stream, data)) patches.push(patch);
  }
  const stripped = await patched(source, patches);
  // What a signature is of may not change in any bit, or all who are given it are told that it was forged.
  if (!stripped.isSame && isSigned(bytes)) throw new UnstrippableError("It is signed.");
  return stripped;
}

async function quietStream(stream: PdfStream, data: Buffer): Promise<readonly Patch[]> {
  const { type, subtype, filters, from } = stream;
  if (!filters) throw new UnstrippableError("It does not say by itself how its streams are packed.");
  const last = filters.at(-1);
  if (last === "DCTDecode" || last === "DCT") {
    return filters.length === 1 ? quietJpeg(data, from) : quietPacked(stream, data);
  }
  if (last === "JPXDecode" && filters.length === 1) return quietJpeg2000(data, from);
  if (filters.some((name) => /^(?:DCT|JPX)/.test(name)))
    throw new UnstrippableError("A picture is packed in a way that is not known.");
  if (type === "EmbeddedFile") {
    const content = unpack(stream, data, maxUnpackedBytes);
    if (!content || !isText(content)) throw new UnstrippableError("A file is attached that is no text.");
    return [];
  }
  if (type !== "Metadata") {
    if (subtype === "Image") return [];
    const beginning = unpack(stream, data.subarray(0, beginningBytes), maxUnpackedBytes);
    const text = beginning?.toString("latin1", 0, 4 * beginningBytes) ?? "";
    if (text.startsWith("ftyp", 4) || fileBeginnings.some((beginning) => text.startsWith(beginning)))
      throw new UnstrippableError("A file is attached that is no text.");
    // Also in an encoding of two or four bytes a character.
    if (!/<\?xpacket|<x:xmpmeta|adobe:ns:meta/.test(text.replaceAll("\0", ""))) return [];
  }
  const xmp = unpack(stream, data, maxXmpBytes);
  return xmp && isDocumentXmp(xmp) ? [] : overwrite(stream);
}

/** A JPEG that was packed again is written over where what is left of it can be packed into as many bytes. */
function quietPacked(stream: PdfStream, data: Buffer): readonly Patch[] {
  const { filters = [], from } = stream;
  const jpeg = unpack({ ...stream, filters: filters.slice(0, -1) }, data, maxUnpackedBytes);
  if (!jpeg) throw new UnstrippableError("A picture is packed in a way that is not known.");
  const quiet = Buffer.from(jpeg);
  apply(quiet, quietJpeg(jpeg, 0));
  if (quiet.equals(jpeg)) return [];
  const packed = deflateSync(quiet, { level: 9 });
  if (packed.length > data.length) throw new UnstrippableError("A picture can't be packed as it was.");
  return [{ from, bytes: packed }, ...fill(from + packed.length, from + data.length, 0)];
}

/** Where `undefined`, it is packed otherwise than by deflating it, encrypted, damaged, or too large. */
function unpack({ filters = [] }: PdfStream, data: Buffer, maxOutputLength: number): Buffer | undefined {
  if (filters.length === 0) return data.length <= maxOutputLength ? data : undefined;
  const [name] = filters;
  if (filters.length > 1 || (name !== "FlateDecode" && name !== "Fl")) return undefined;
  try {
    // Many are cut short by a byte or two, which readers don't mind.
    return inflateSync(data, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength });
  } catch (error) {
    if (error instanceof RangeError || (error instanceof Error && "errno" in error)) return undefined;
    throw error;
  }
}

/** XMP that says nothing, packed as the stream's dictionary says; where that takes too much room, what is no XMP. */
function overwrite({ filters = [], from, to }: PdfStream): readonly Patch[] {
  const isPlain = filters.length === 0;
  const bytes = isPlain ? emptyXmp : deflateSync(emptyXmp);
  const filler = isPlain ? space : 0;
  if (bytes.length > to - from || filters.length > 1) return fill(from, to, filler);
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
