const unreserved = /^[A-Za-z0-9\-._~]*$/;
const unreservedPath = /^[A-Za-z0-9\-._~/]*$/;
const leftByEncodeUriComponent = /[!'()*]/g;

/** Called with the reason where text is malformed; decides which error that is to its caller. */
export type Refuse = (reason: string, cause?: unknown) => never;

/** A decoded query; S3 has no operation with a repeated member, so each name is there once. */
export type QueryMembers = ReadonlyMap<string, string>;

/** AWS's UriEncode: every UTF-8 byte but `A–Z a–z 0–9 - . _ ~` as `%XY` in upper case. */
export function uriEncode(text: string): string {
  if (unreserved.test(text)) return text;
  return encodeURIComponent(text).replace(
    leftByEncodeUriComponent,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** S3's canonical URI: the decoded path encoded once, slashes kept, nothing normalised. */
export function canonicalPath(decodedPath: string): string {
  if (unreservedPath.test(decodedPath)) return decodedPath;
  return uriEncode(decodedPath).replaceAll("%2F", "/");
}

/** A query member of which name and value are encoded already. */
export type EncodedMember = readonly [name: string, value: string];

/** SigV4's canonical query string: `members` and those `encodedBefore`, which are in their order, sorted by encoded name. */
export function canonicalQuery(members: QueryMembers, encodedBefore: readonly EncodedMember[] = []): string {
  if (members.size === 0) return joined(encodedBefore);
  const encoded = [...encodedBefore];
  for (const [name, value] of members) encoded.push([uriEncode(name), uriEncode(value)]);
  encoded.sort(([a], [b]) => (a < b ? -1 : 1));
  return joined(encoded);
}

function joined(encoded: readonly EncodedMember[]): string {
  let query = "";
  for (const [name, value] of encoded) query += `${query === "" ? "" : "&"}${name}=${value}`;
  return query;
}

/** Percent-decodes strictly: broken escapes, and bytes that are not UTF-8, are refused. */
export function percentDecode(raw: string, refuse: Refuse): string {
  if (!raw.includes("%")) return raw;
  try {
    return decodeURIComponent(raw);
  } catch (cause) {
    return refuse("a percent-encoding is broken or is not UTF-8", cause);
  }
}

/**
 * Splits and decodes a raw query without its `?`. `+` is a space, as URLSearchParams and S3 read it;
 * empty members are skipped. A name that comes twice is refused: its order is not covered by a signature.
 */
export function parseQuery(rawQuery: string, refuse: Refuse): Map<string, string> {
  const members = new Map<string, string>();
  if (rawQuery === "") return members;
  for (const member of rawQuery.replaceAll("+", " ").split("&")) {
    if (member === "") continue;
    const equals = member.indexOf("=");
    const name = percentDecode(equals === -1 ? member : member.slice(0, equals), refuse);
    const value = equals === -1 ? "" : percentDecode(member.slice(equals + 1), refuse);
    if (members.has(name)) refuse("a query member is given twice");
    members.set(name, value);
  }
  return members;
}
