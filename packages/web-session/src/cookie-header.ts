/**
 * Cookies of a request by name (RFC 6265 section 5.4). Of two with one name the first counts: the one with the longer
 * path, or the older. What is not `name=value` is passed over.
 */
export function parseCookies(header: string | undefined): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of (header ?? "").split(";")) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, at).trim();
    if (name !== "" && at > 0 && !cookies.has(name)) cookies.set(name, pair.slice(at + 1).trim());
  }
  return cookies;
}

/** All that one cookie may be, name, value and attributes (RFC 6265 section 6.1). */
export const maxCookieBytes = 4096;
