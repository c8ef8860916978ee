/** How cookies are named and sent on one origin. */
export interface CookiePlace {
  /** The whole name of a cookie of ours. */
  nameOf(name: string): string;
  /** A `Set-Cookie` line. `maxAgeSeconds` 0 removes the cookie. */
  setLine(cookie: {
    readonly name: string;
    readonly value: string;
    readonly sameSite: "Strict" | "Lax";
    readonly maxAgeSeconds: number;
  }): string;
}

/**
 * On https: `Secure`, and the prefix `__Host-`, by which browsers take a cookie from this very host only and not from
 * another below its domain (RFC 6265bis section 4.1.3.2). On plain http browsers refuse both, Chromium and Firefox on
 * loopback excepted, Safari not: there the cookie goes without. A port other than the scheme's is part of the name,
 * since cookies don't know ports and two servers on one machine would sign each other's people out.
 */
export function cookiePlaceOf(publicUrl: string): CookiePlace {
  const { protocol, port } = new URL(publicUrl);
  const isSecure = protocol === "https:";
  const nameOf = (name: string) =>
    `${isSecure ? "__Host-" : ""}stowage-${name}${port === "" ? "" : `-${port}`}`;
  return {
    nameOf,
    setLine: ({ name, value, sameSite, maxAgeSeconds }) =>
      [
        `${name}=${value}`,
        "Path=/",
        `Max-Age=${maxAgeSeconds}`,
        "HttpOnly",
        `SameSite=${sameSite}`,
        ...(isSecure ? ["Secure"] : []),
      ].join("; "),
  };
}
