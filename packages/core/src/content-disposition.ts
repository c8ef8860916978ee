import { utf8Length } from "@stowage/protocol";

/** Characters that a header or a file system reads as something else, and marks that turn a name around. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}"\\/:*?<>|]/gu;

/** What RFC 5987 section 3.2.1 lets stand unencoded (attr-char). */
const percentEncode = (text: string): string =>
  encodeURIComponent(text).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/**
 * Longest name given out, in bytes of UTF-8: file systems end at 255, and a browser may want to add ` (1)`. Encoded once for
 * the header and once more for the URL that asks for it, it stays below 1.5 KB, where proxies end at 8.
 */
const maxNameBytes = 240;

/**
 * `Content-Disposition` for a download (RFC 6266), safe whatever the name contains: control characters, quotes,
 * path separators and bidirectional marks become `_`; a leading dot or hyphen too.
 *
 * @param name as the person gave it
 */
export function contentDisposition(kind: "inline" | "attachment", name: string): string {
  const safe = safeFileName(name);
  const ascii = safe.replace(/[^\x20-\x7e]/gu, "_").replace(/%/g, "_");
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${percentEncode(safe)}`;
}

/** Names of devices, whatever ending they have (Microsoft, "Naming Files, Paths, and Namespaces"). */
const windowsDevice = /^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³])(?=[.\s]|$)/iu;

/**
 * A name that any file system takes and no shell or dialog misreads; one that is too long is cut, and keeps its ending. What
 * Windows takes for a device gets `_` before it.
 */
export function safeFileName(name: string): string {
  const cleaned = name
    .toWellFormed()
    .normalize("NFC")
    .replace(unsafe, "_")
    .trim()
    .replace(/^[.-]+/, "_")
    .replace(windowsDevice, "_$&");
  if (utf8Length(cleaned) <= maxNameBytes) return cleaned === "" ? "_" : cleaned;
  const ending = /\.[A-Za-z0-9]{1,8}$/.exec(cleaned)?.[0] ?? "";
  return cutBytes(cleaned, maxNameBytes - ending.length).trimEnd() + ending;
}

/** Whole characters of the beginning, so many bytes of UTF-8 at most. */
function cutBytes(text: string, maxBytes: number): string {
  let cut = "";
  let bytes = 0;
  for (const character of text) {
    bytes += utf8Length(character);
    if (bytes > maxBytes) break;
    cut += character;
  }
  return cut;
}
