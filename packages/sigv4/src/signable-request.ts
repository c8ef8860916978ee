import { isSignatureMember } from "./query-signature.ts";
import { canonicalPath, parseQuery, percentDecode, type Refuse } from "./uri-encoding.ts";

const methodPattern = /^[A-Z]+$/;
const dotSegment = /\/\.\.?(?:\/|$)/;

/** Of a URL, what its signature depends on: whoever knows these of an address need not have it parsed. */
export type SignableUrl = Pick<
  URL,
  "protocol" | "username" | "password" | "host" | "pathname" | "search" | "hash"
>;

const refuse: Refuse = (reason, cause) => {
  throw new TypeError(`the URL can't be signed: ${reason}`, { cause });
};

/** Whether `method` is one in capitals: nothing else reaches a canonical request. */
export function isMethod(method: string): boolean {
  return methodPattern.test(method);
}

/**
 * What of a request's method and URL is signed. Throws TypeError where a client could not send it as it
 * would be signed: a method not in capitals, a scheme but http(s), user info or fragment, a broken
 * percent-encoding, a repeated query member or one of a presigned URL's signature, or `.` and `..`
 * segments, which URL parsers rewrite.
 */
export function readSignable(method: string, url: SignableUrl): { path: string; query: Map<string, string> } {
  if (!isMethod(method)) throw new TypeError("the method to sign is not one in capitals");
  if (url.protocol !== "https:" && url.protocol !== "http:") refuse("its scheme is not http or https");
  if (url.username !== "" || url.password !== "") refuse("it holds user info");
  if (url.hash !== "") refuse("it holds a fragment");
  const decodedPath = percentDecode(url.pathname, refuse);
  if (dotSegment.test(decodedPath)) refuse("its path has a segment . or ..");
  const query = parseQuery(url.search.slice(1), refuse);
  for (const name of query.keys()) {
    if (isSignatureMember(name)) refuse(`it already holds the query member ${name}`);
  }
  return { path: canonicalPath(decodedPath), query };
}
