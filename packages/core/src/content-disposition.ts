/** Characters that a header or a file system reads as something else, and marks that turn a name around. */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}"\\/:*?<>|]/gu;

/** What RFC 5987 section 3.2.1 lets stand unencoded (attr-char). */
const percentEncode = (text: string): string =>
  encodeURIComponent(text).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** Longest name given out, in characters: file systems end at 255 bytes. */
const maxNameCharacters = 120;

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

/** A name that any file system takes and no shell or dialog misreads; its ending is kept. */
export function safeFileName(name: string): string {
  const cleaned = name
    .toWellFormed()
    .normalize("NFC")
    .replace(unsafe, "_")
    .trim()
    .replace(/^[.-]+/, "_");
  const characters = [...cleaned];
  if (characters.length <= maxNameCharacters) return cleaned === "" ? "_" : cleaned;
  const ending = /\.[A-Za-z0-9]{1,8}$/.exec(cleaned)?.[0] ?? "";
  return characters.slice(0, maxNameCharacters - ending.length).join("") + ending;
}
