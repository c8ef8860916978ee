import type { Configuration } from "oidc-provider";

/**
 * On https the session's cookie has the prefix `__Host-`, so that browsers take it from this very host only (RFC
 * 6265bis §4.1.3.2). Those of one sign-in are bound to its own path, so that two tabs don't disturb each other, and
 * have `__Secure-`. On plain http, which is loopback's, some browsers refuse both. A port other than the scheme's is
 * part of the names: cookies don't know ports, and two servers on one machine would sign each other's people out.
 */
export function cookieConfiguration(issuerUrl: string) {
  const { protocol, port } = new URL(issuerUrl);
  const isSecure = protocol === "https:";
  const name = (prefix: string, use: string) =>
    `${isSecure ? prefix : ""}stowage-${use}${port === "" ? "" : `-${port}`}`;
  const attributes = { httpOnly: true, sameSite: "lax", secure: isSecure } as const;
  return {
    names: {
      session: name("__Host-", "issuer"),
      interaction: name("__Secure-", "interaction"),
      resume: name("__Secure-", "resume"),
    },
    /** The library knows nothing of it (known-browser.ts). */
    browser: name("__Host-", "browser"),
    long: attributes,
    short: attributes,
    // Their values are 256 random bits: a signature over them would guard nothing.
    keys: [],
  } satisfies Configuration["cookies"] & { readonly browser: string };
}
