import { extname } from "node:path";

/** Bytes that are enough to tell every type that is told by its content here. */
export const sniffedBytes = 4096;

const ascii = (bytes: Buffer, start: number, end: number): string => bytes.toString("latin1", start, end);

/** ISO base media files (ISO/IEC 14496-12) by their major brand, as the server's check tells them. */
const typesByBrand: ReadonlyMap<string, string> = new Map([
  ["avif", "image/avif"],
  ["avis", "image/avif"],
  ["mif1", "image/heic"],
  ["msf1", "image/heic"],
  ["heic", "image/heic"],
  ["heix", "image/heic"],
  ["hevc", "image/heic"],
  ["hevx", "image/heic"],
  ["qt  ", "video/quicktime"],
  ["M4A ", "audio/mp4"],
  ["M4B ", "audio/mp4"],
  ["crx ", "image/x-canon-cr3"],
]);

function typeOfIsoMedia(bytes: Buffer): string {
  const brand = ascii(bytes, 8, 12);
  const known = typesByBrand.get(brand);
  if (known !== undefined) return known;
  if (brand.startsWith("3g2")) return "video/3gpp2";
  return brand.startsWith("3g") ? "video/3gpp" : "video/mp4";
}

function typeOfMatroska(bytes: Buffer): string | undefined {
  const head = ascii(bytes, 0, sniffedBytes);
  if (head.includes("webm")) return "video/webm";
  return head.includes("matroska") ? "video/matroska" : undefined;
}

function typeOfRiff(bytes: Buffer): string | undefined {
  const types = new Map([
    ["WEBP", "image/webp"],
    ["AVI ", "video/vnd.avi"],
    ["WAVE", "audio/wav"],
  ]);
  return types.get(ascii(bytes, 8, 12));
}

/** Signatures at a file's beginning, in latin1. A zip may be a document: its name says more. */
const signatures: readonly (readonly [string, string | ((bytes: Buffer) => string | undefined)])[] = [
  ["\xff\xd8\xff", "image/jpeg"],
  ["\x89PNG\r\n\x1a\n", "image/png"],
  ["GIF87a", "image/gif"],
  ["GIF89a", "image/gif"],
  ["II*\0", "image/tiff"],
  ["MM\0*", "image/tiff"],
  ["RIFF", typeOfRiff],
  ["%PDF-", "application/pdf"],
  ["\x1aE\xdf\xa3", typeOfMatroska],
  ["\xff\x0a", "image/jxl"],
  ["\0\0\0\x0cJXL \r\n\x87\n", "image/jxl"],
  ["MZ", "application/x-msdownload"],
  ["\x7fELF", "application/x-elf"],
];

const typesByExtension: ReadonlyMap<string, string> = new Map([
  [".jpg", "image/jpeg"],
  [".jpeg", "image/jpeg"],
  [".png", "image/png"],
  [".gif", "image/gif"],
  [".webp", "image/webp"],
  [".avif", "image/avif"],
  [".heic", "image/heic"],
  [".heif", "image/heic"],
  [".tif", "image/tiff"],
  [".tiff", "image/tiff"],
  [".bmp", "image/bmp"],
  [".svg", "image/svg+xml"],
  [".jxl", "image/jxl"],
  [".jp2", "image/jp2"],
  [".ico", "image/x-icon"],
  [".pdf", "application/pdf"],
  [".mp4", "video/mp4"],
  [".m4v", "video/mp4"],
  [".mov", "video/quicktime"],
  [".webm", "video/webm"],
  [".mkv", "video/matroska"],
  [".avi", "video/vnd.avi"],
  [".mp3", "audio/mpeg"],
  [".m4a", "audio/mp4"],
  [".wav", "audio/wav"],
  [".flac", "audio/flac"],
  [".ogg", "audio/ogg"],
  [".zip", "application/zip"],
  [".gz", "application/gzip"],
  [".json", "application/json"],
  [".xml", "application/xml"],
  [".txt", "text/plain"],
  [".md", "text/markdown"],
  [".csv", "text/csv"],
  [".html", "text/html"],
  [".htm", "text/html"],
  [".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
  [".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"],
  [".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"],
]);

/** What a file is declared as when nothing tells what it is. */
export const unknownContentType = "application/octet-stream";

/**
 * What a file is declared as: by its first bytes for the common types, else by its name's extension. The server looks
 * at the whole content itself; a wrong guess is a rejection, never a danger.
 *
 * @param beginning - the file's first {@link sniffedBytes}, or all of it
 */
export function sniffContentType(beginning: Buffer, fileName: string): string {
  const head = ascii(beginning, 0, 32);
  for (const [signature, type] of signatures) {
    if (!head.startsWith(signature)) continue;
    const found = typeof type === "string" ? type : type(beginning);
    if (found !== undefined) return found;
  }
  if (ascii(beginning, 4, 8) === "ftyp") return typeOfIsoMedia(beginning);
  return typesByExtension.get(extname(fileName).toLowerCase()) ?? unknownContentType;
}
