import { open } from "node:fs/promises";
import { fileTypeFromFile } from "file-type";
import { canonicalContentType } from "./content-type.ts";
import { isSvg } from "./svg-text.ts";

/**
 * Tells a file's type by its bytes alone. Runs in a decoding process only: crafted bytes have stalled such
 * detectors before (CVE-2026-31808).
 *
 * @returns the canonical content type; `undefined` where nothing recognises the bytes
 */
export async function identifyContent(path: string): Promise<string | undefined> {
  try {
    const found = await fileTypeFromFile(path);
    const content = found && canonicalContentType(found.mime);
    if (content === "application/xml" && isSvg(await beginningOf(path))) return "image/svg+xml";
    if (content) return content === "image/heic" && (await isAvif(path)) ? "image/avif" : content;
  } catch {
    // The detector reads on into containers; what it can't parse to its end is not what it claims to be.
    return undefined;
  }
  if (await hasPdfHeader(path)) return "application/pdf";
  return isSvg(await beginningOf(path)) ? "image/svg+xml" : undefined;
}

/** Comments and declarations may come before a drawing's root. */
const rootWithinBytes = 64 * 1024;

async function beginningOf(path: string): Promise<string> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(rootWithinBytes));
  return buffer.toString("latin1", 0, bytesRead);
}

const ftypWithinBytes = 4096;

/** What begins with the brand of both, `mif1`, says among its others which it is (ISO/IEC 14496-12, 4.3). */
async function isAvif(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(ftypWithinBytes));
  const end = Math.min(bytesRead, buffer.readUInt32BE(0));
  for (let at = 16; at + 4 <= end; at += 4) {
    const brand = buffer.toString("latin1", at, at + 4);
    if (brand === "avif" || brand === "avis") return true;
  }
  return false;
}

/** Readers take a PDF whose header comes within the first 1,024 bytes (ISO 32000-1, annex H, note 13). */
const pdfHeaderWithinBytes = 1024;

/**
 * A mail gateway's or a web server's lines before it do not make it another file, where they make it no other type: with
 * markup in them a browser could take it for a page.
 */
async function hasPdfHeader(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(pdfHeaderWithinBytes));
  const head = buffer.toString("latin1", 0, bytesRead);
  const at = head.indexOf("%PDF-");
  return at >= 0 && !/<[a-z!?/]/i.test(head.slice(0, at));
}
