import { readBlob } from "./read-blob.ts";

/** Enough for every signature here, the brands of an ISO file and the document type of an EBML one among them. */
const lookedAtBytes = 64;

const unknownType = "application/octet-stream";

/** For those whose content says nothing that is sure, and for which browsers know no type. */
const typesByExtension: ReadonlyMap<string, string> = new Map([
  ["heic", "image/heic"],
  ["heif", "image/heic"],
  ["avif", "image/avif"],
  ["tif", "image/tiff"],
  ["tiff", "image/tiff"],
  ["mov", "video/quicktime"],
  ["mkv", "video/matroska"],
  ["txt", "text/plain"],
  ["csv", "text/csv"],
  ["md", "text/markdown"],
]);

/**
 * A content type as uploads have it: what the first bytes say, else what the browser said (it goes by the extension),
 * else what the extension says.
 *
 * @throws FileChangedError, FileUnreadableError
 */
export async function detectContentType(blob: Blob, name: string): Promise<string> {
  const declared = plainType(blob.type);
  const found = typeOfBytes(await readBlob(blob.slice(0, lookedAtBytes), name));
  // The raw formats of cameras are TIFFs too.
  if (found === "image/tiff" && declared?.startsWith("image/")) return declared;
  return found ?? declared ?? typesByExtension.get(extensionOf(name)) ?? unknownType;
}

/** Lower case, no parameters; nothing where it says nothing or is none. */
function plainType(type: string): string | undefined {
  const plain = (type.split(";")[0] ?? "").trim().toLowerCase();
  return /^[a-z0-9][a-z0-9!#$&^_.+-]*\/[a-z0-9][a-z0-9!#$&^_.+-]*$/.test(plain) && plain !== unknownType
    ? plain
    : undefined;
}

const extensionOf = (name: string): string => /\.([^.]{1,8})$/.exec(name)?.[1]?.toLowerCase() ?? "";

/** What begins with these bytes (one character each) is of this type. */
const signatures: readonly (readonly [signature: string, contentType: string])[] = [
  ["\xff\xd8\xff", "image/jpeg"],
  ["\x89PNG\r\n\x1a\n", "image/png"],
  ["GIF87a", "image/gif"],
  ["GIF89a", "image/gif"],
  ["II*\0", "image/tiff"],
  ["MM\0*", "image/tiff"],
  ["%PDF-", "application/pdf"],
];

/** Of pictures, PDFs and videos; containers that say less (ZIP) are left to their extension. */
export function typeOfBytes(bytes: Uint8Array): string | undefined {
  const text = String.fromCharCode(...bytes);
  const signed = signatures.find(([signature]) => text.startsWith(signature));
  if (signed) return signed[1];
  if (text.startsWith("RIFF")) return text.startsWith("WEBP", 8) ? "image/webp" : undefined;
  if (text.startsWith("\x1aE\xdf\xa3")) return typeOfEbml(text);
  return text.startsWith("ftyp", 4) ? typeOfBrands(text) : undefined;
}

const typeOfEbml = (text: string): string | undefined =>
  text.includes("webm") ? "video/webm" : text.includes("matroska") ? "video/matroska" : undefined;

/** ISO/IEC 14496-12 section 4.3: the major brand, then a version, then the compatible ones. */
function typeOfBrands(text: string): string {
  const [a = 0, b = 0, c = 0, d = 0] = [...text.slice(0, 4)].map((character) => character.charCodeAt(0));
  const boxBytes = ((a * 256 + b) * 256 + c) * 256 + d;
  const brands: readonly string[] = text.slice(8, Math.min(boxBytes, lookedAtBytes)).match(/.{4}/gs) ?? [];
  const [major = ""] = brands;
  if (brands.includes("avif") || brands.includes("avis")) return "image/avif";
  if (/^(hei[cmsx]|hev[cmsx]|mif1|msf1)$/.test(major)) return "image/heic";
  if (major === "qt  ") return "video/quicktime";
  if (/^M4[AB]/.test(major)) return "audio/mp4";
  if (/^3g/.test(major)) return "video/3gpp";
  return "video/mp4";
}
