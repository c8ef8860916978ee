import { InvalidIssuerUrlError } from "./errors.ts";
import { quoteForMessage } from "./quote-for-message.ts";

/**
 * Checks an issuer's URL: no query or fragment (OpenID Connect Discovery 1.0 §3), no credentials. `http:`
 * is let through, for loopback; who may use it elsewhere is the configuration's to decide.
 *
 * @returns what `/.well-known/…` is appended to (§4.1: without a closing slash), and the path of that
 * @throws {InvalidIssuerUrlError}
 */
export function parseIssuerUrl(issuerUrl: string): { readonly base: string; readonly path: string } {
  const url = URL.parse(issuerUrl);
  const isIssuerUrl =
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    !/[?#\s]/.test(issuerUrl) &&
    `${url.username}${url.password}` === "";
  if (!isIssuerUrl)
    throw new InvalidIssuerUrlError(
      `${quoteForMessage(issuerUrl)} can't be an issuer: that is an http(s) URL without query, fragment or credentials.`,
    );
  return { base: issuerUrl.replace(/\/$/, ""), path: url.pathname.replace(/\/$/, "") };
}
