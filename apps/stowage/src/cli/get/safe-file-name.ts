/** A name of at most this many bytes of UTF-8 fits every common file system. */
const maxBytes = 240;

/** What a path or a shell would take apart, what no terminal shows as it is, and what Windows refuses in names. */
const unsafeCharacters =
  /[/\\:*?"<>|\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff]/gu;

/** Names that mean devices to Windows, with any extension. */
const deviceName = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[\d¹²³])\s*(\..*)?$/iu;

/**
 * The server's name for a file as a name within one folder, here and on any other system: no path, nothing hidden, no
 * option of another program's, nothing that reads otherwise than it is.
 *
 * @param fallback - for a name of which nothing is left
 */
export function safeFileName(name: string, fallback: string): string {
  const plain = name
    .replace(unsafeCharacters, "_")
    .replace(/^[\s.]+/, "")
    .replace(/[\s.]+$/, "");
  if (/^_*$/.test(plain)) return fallback;
  const shown = plain.startsWith("-") || deviceName.test(plain) ? `_${plain}` : plain;
  return shorten(shown);
}

/** Cuts the stem, so that the extension stays. */
function shorten(name: string): string {
  if (Buffer.byteLength(name) <= maxBytes) return name;
  const extension = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? "";
  let stem = "";
  let used = extension.length;
  for (const character of name.slice(0, name.length - extension.length)) {
    used += Buffer.byteLength(character);
    if (used > maxBytes) break;
    stem += character;
  }
  return stem.replace(/[\s.]+$/, "") + extension;
}
