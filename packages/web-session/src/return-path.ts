const maxCharacters = 512;

/** No control character, no space, no backslash, which browsers take for a slash. */
const plain = /^\/[^\\\p{Cc}\p{Zs}\p{Zl}\p{Zp}]*$/u;

/**
 * Where a person goes after signing in: the path, query and fragment that they came from if those are of our own
 * origin, else `/`. It never begins like an authority (`//host`), also not once a proxy has decoded or normalised it,
 * and never leads to one of `exceptBelow`.
 */
export function parseReturnPath(
  text: string | null,
  { publicUrl, exceptBelow }: { readonly publicUrl: string; readonly exceptBelow: string },
): string {
  if (text === null || text.length > maxCharacters || !plain.test(text)) return "/";
  if (!URL.canParse(text, publicUrl)) return "/";
  const { origin, pathname, search, hash } = new URL(text, publicUrl);
  if (origin !== new URL(publicUrl).origin || beginsAsAuthority(pathname)) return "/";
  if (`${pathname}/`.startsWith(`${exceptBelow}/`)) return "/";
  const path = `${pathname}${search}${hash}`;
  // Percent-encoding may have made it three times as long.
  return path.length > maxCharacters ? "/" : path;
}

/** `//`, `/\`, and the same encoded, once or more often. */
const beginsAsAuthority = (path: string): boolean => /^\/(?:%(?:25)*(?:2f|5c)|[/\\])/i.test(path);
