import { SignatureRefusedError } from "./signature-refused-error.ts";
import { parseQuery, percentDecode, type QueryMembers } from "./uri-encoding.ts";

// RFC 3986 section 3.3 and 3.4: pchar, "/" and "?". Raw spaces, backslashes, "#", control characters and
// bytes above ASCII are read differently by different parsers, so none of them gets as far as a signature.
const originForm = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@/?%]*$/;

function refuse(reason: string, cause?: unknown): never {
  throw new SignatureRefusedError("AccessDenied", `The request target is malformed: ${reason}`, { cause });
}

function splitTarget(target: string): { rawPath: string; rawQuery: string } {
  if (!originForm.test(target)) refuse("it is not a path and query of RFC 3986");
  const mark = target.indexOf("?");
  if (mark === -1) return { rawPath: target, rawQuery: "" };
  return { rawPath: target.slice(0, mark), rawQuery: target.slice(mark + 1) };
}

/**
 * The path that a request names: `target` (raw path, perhaps `?` and a raw query, as received) up to its
 * first `?`, percent-decoded exactly once as UTF-8. It starts with `/`. `%2F` becomes `/`; `+` stays;
 * nothing is normalised: `//`, `.` and `..` segments, NUL and any Unicode form come out as sent.
 *
 * A signature covers the encoding of **this** string. Whoever acts on a verified request must take bucket
 * and key from here, never from `new URL(target)` (which rewrites dot segments) nor by decoding again, or
 * a signature for one key lets a request for another pass.
 *
 * Throws SignatureRefusedError (`AccessDenied`) where the target is not origin-form, holds a character
 * outside RFC 3986, a broken percent-encoding, or bytes that are not UTF-8.
 */
export function decodeObjectPath(target: string): string {
  return percentDecode(splitTarget(target).rawPath, refuse);
}

/**
 * The query members of a request's target, decoded as the signature covers them: percent-encoding once,
 * `+` is a space, a member without `=` has the value `""`. Read the query of a verified request with this.
 *
 * Throws SignatureRefusedError (`AccessDenied`) as `decodeObjectPath` does, and where a name comes twice.
 */
export function decodeQuery(target: string): QueryMembers {
  return parseQuery(splitTarget(target).rawQuery, refuse);
}
