import { S3Error } from "./s3-error.ts";

/**
 * Sent with every object: whatever somebody uploaded, a browser that is led to it runs nothing of it.
 *
 * - `sandbox; default-src 'none'`: a document has no origin, script, style or network. It does not bear on
 *   an image in another page's <img>, which that page's own policy rules.
 * - `cross-origin-resource-policy: cross-origin`: the web application shows objects from its own origin,
 *   which on loopback is not even the same site (`localhost` and `127.0.0.1`). What guards an object is
 *   the signature of its URL, not where it is embedded.
 * - `no-referrer`: the URL, with its signature, is not told to wherever a document links.
 */
export const securityHeaders = {
  "content-security-policy": "sandbox; default-src 'none'",
  "cross-origin-resource-policy": "cross-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
} as const;

/** Query members of a signed GET that replace response headers (S3 GetObject). */
const overrides: ReadonlyMap<string, string> = new Map([
  ["response-cache-control", "cache-control"],
  ["response-content-disposition", "content-disposition"],
  ["response-content-encoding", "content-encoding"],
  ["response-content-language", "content-language"],
  ["response-content-type", "content-type"],
  ["response-expires", "expires"],
]);

/** Throws InvalidArgument for a value that no HTTP header can hold. */
export function overriddenHeaders(query: ReadonlyMap<string, string>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [member, header] of overrides) {
    const value = query.get(member);
    if (value === undefined) continue;
    // RFC 9110 section 5.5. CR and LF would begin a header of the client's choice.
    if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
      throw new S3Error("InvalidArgument", `${member} has characters that a header can't hold.`);
    headers[header] = value;
  }
  return headers;
}
