import { notImplemented } from "./exchange.ts";
import { ownerMembers } from "./owner.ts";
import { S3Error } from "./s3-error.ts";

/** Query members that are the signature itself. */
const signatureMembers: ReadonlySet<string> = new Set([
  "x-amz-algorithm",
  "x-amz-credential",
  "x-amz-date",
  "x-amz-expires",
  "x-amz-signedheaders",
  "x-amz-signature",
]);

/**
 * The `x-amz-*` members of a request. A presigner may have moved some from the headers into the query
 * ("hoisted"); there they mean the same, and ignoring one would drop a checksum that was asked for.
 */
export function amzMembers(
  headers: ReadonlyMap<string, string>,
  query: ReadonlyMap<string, string>,
): Map<string, string> {
  const members = new Map<string, string>();
  for (const [name, value] of headers) if (name.startsWith("x-amz-")) members.set(name, value);
  for (const [name, value] of query) {
    const lower = name.toLowerCase();
    if (!lower.startsWith("x-amz-") || signatureMembers.has(lower)) continue;
    if ((members.get(lower) ?? value) !== value)
      throw new S3Error("InvalidRequest", `${lower} was sent twice, with different values.`);
    members.set(lower, value);
  }
  return members;
}

/** Members that every verb takes: they are part of the signature, or say who asks, or whom (route.ts). */
const always: ReadonlySet<string> = new Set([
  ...ownerMembers,
  "x-amz-content-sha256",
  "x-amz-date",
  "x-amz-user-agent",
]);

/** Stands for all `x-amz-meta-…` in a set of known members. */
export const userMetadata = "x-amz-meta-*";

const isKnown = (name: string, known: ReadonlySet<string>): boolean =>
  always.has(name) || known.has(name) || (name.startsWith("x-amz-meta-") && known.has(userMetadata));

/** Throws NotImplemented for a member that asks for something that would not be done. */
export function refuseUnknownAmz(amz: ReadonlyMap<string, string>, known: ReadonlySet<string>): void {
  for (const name of amz.keys()) if (!isKnown(name, known)) throw notImplemented(name);
}

/** Throws NotImplemented where a member asks for anything but the one value that there is. */
export function refuseOtherThan(amz: ReadonlyMap<string, string>, name: string, only: string): void {
  const value = amz.get(name);
  if (value !== undefined && value.toLowerCase() !== only.toLowerCase())
    throw notImplemented(`${name} other than ${only}`);
}
