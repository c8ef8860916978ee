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

/**
 * What begins so (a byte a character) is of this type; the first that fits. Containers that say less (ZIP) are left to
 * their extension. `ftyp`: ISO/IEC 14496-12 section 4.3, the major brand, a version, the compatible ones.
 */
const signatures = [
  ["\xff\xd8\xff", "image/jpeg"],
  ["\x89PNG\r\n\x1a\n", "image/png"],
  ["GIF8[79]a", "image/gif"],
  ["II\\*\0|MM\0\\*", "image/tiff"],
  ["%PDF-", "application/pdf"],
  ["RIFF.{4}WEBP", "image/webp"],
  ["\x1aE\xdf\xa3.*webm", "video/webm"],
  ["\x1aE\xdf\xa3.*matroska", "video/matroska"],
  [".{4}ftyp(.{4})*avi[fs]", "image/avif"],
  [".{4}ftyp(hei[cmsx]|hev[cmsx]|mif1|msf1)", "image/heic"],
  [".{4}ftypqt  ", "video/quicktime"],
  [".{4}ftypM4[AB]", "audio/mp4"],
  [".{4}ftyp3g", "video/3gpp"],
  [".{4}ftyp", "video/mp4"],
] as const;

/** Of pictures, PDFs and videos. */
export function typeOfBytes(bytes: Uint8Array): string | undefined {
  const text = String.fromCharCode(...bytes);
  // Where an ISO file begins with a box of fewer than 256 bytes, what comes after it is no brand.
  const looked = text.startsWith("\0\0\0") ? text.slice(0, Math.max(8, text.charCodeAt(3))) : text;
  return signatures.find(([pattern]) => new RegExp(`^(${pattern})`, "s").test(looked))?.[1];
}
