import type { ListedObject } from "../storage/list-stored-objects.ts";
import { S3Error } from "./s3-error.ts";
import type { XmlContent } from "./xml.ts";

const maxKeysPerPage = 1000;

/** A query member that counts; `undefined` where it is not there. Throws S3Error (InvalidArgument). */
export function parseCount(query: ReadonlyMap<string, string>, member: string): number | undefined {
  const value = query.get(member);
  if (value === undefined) return undefined;
  if (!/^\d{1,10}$/.test(value)) throw new S3Error("InvalidArgument", `${member} is not a number.`);
  return Number(value);
}

/** What `encodeURIComponent` leaves, and S3 does not. */
const leftOver: ReadonlyMap<string, string> = new Map([
  ["!", "%21"],
  ["'", "%27"],
  ["(", "%28"],
  [")", "%29"],
  ["*", "%2A"],
  ["%2F", "/"],
]);

/** How keys are written into a listing, by its `encoding-type`. Throws S3Error (InvalidArgument). */
export function keyEncoding(type: string | undefined): (text: string) => string {
  if (type === undefined) return (text) => text;
  if (type !== "url") throw new S3Error("InvalidArgument", "Invalid Encoding Method specified in Request");
  return (text) => encodeURIComponent(text).replace(/[!'()*]|%2F/g, (match) => leftOver.get(match) ?? match);
}

/** What the listings of objects have in common. */
export interface ListingQuery {
  readonly prefix: string;
  readonly delimiter: string;
  /** At most 1,000, as on S3. */
  readonly limit: number;
  readonly encodingType: string | undefined;
  encode(text: string): string;
}

/** Throws S3Error (InvalidArgument). */
export function parseListingQuery(query: ReadonlyMap<string, string>): ListingQuery {
  const encodingType = query.get("encoding-type");
  return {
    prefix: query.get("prefix") ?? "",
    delimiter: query.get("delimiter") ?? "",
    limit: Math.min(parseCount(query, "max-keys") ?? maxKeysPerPage, maxKeysPerPage),
    encodingType,
    encode: keyEncoding(encodingType),
  };
}

/** The elements of a listed object that follow its key. */
export const objectElements = ({ modifiedAtMs, etag, sizeBytes }: ListedObject): XmlContent => [
  ["LastModified", new Date(modifiedAtMs).toISOString()],
  ["ETag", etag === undefined ? undefined : `"${etag}"`],
  ["Size", sizeBytes],
  ["StorageClass", "STANDARD"],
];

export const commonPrefixElements = (
  prefixes: readonly string[],
  { encode }: Pick<ListingQuery, "encode">,
): XmlContent => prefixes.map((prefix) => ["CommonPrefixes", [["Prefix", encode(prefix)]]] as const);
