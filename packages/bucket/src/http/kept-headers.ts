import type { VerifiedRequest } from "@stowage/sigv4";
import type { KeptHeader } from "../storage/object-file.ts";
import { S3Error } from "./s3-error.ts";

/** S3's own bounds: of the system-defined metadata, names and values, and of the user-defined. */
const maxSystemBytes = 2048;
const maxUserBytes = 2048;

const systemHeaders: readonly string[] = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "expires",
];

const userPrefix = "x-amz-meta-";
const headerName = /^[a-z0-9!#$%&'*+\-.^_`|~]+$/;
// As signatures have it: anything else is Latin-1 to one HTTP stack and UTF-8 to another.
const plainValue = /^[\t\x20-\x7e]*$/;

const tooLarge = (): S3Error =>
  new S3Error("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size.");

/** A Content-Encoding without what is not the content's: how the body came. */
export function contentEncoding(headers: ReadonlyMap<string, string>): string {
  return (headers.get("content-encoding") ?? "")
    .split(",")
    .map((coding) => coding.trim())
    .filter((coding) => !["", "aws-chunked", "identity"].includes(coding.toLowerCase()))
    .join(", ");
}

/** The system-defined ones. Whoever holds a presigned URL decides none of them that its maker did not sign. */
function systemMetadata(
  headers: ReadonlyMap<string, string>,
  { by, signedHeaders }: Pick<VerifiedRequest, "by" | "signedHeaders">,
): KeptHeader[] {
  const kept: KeptHeader[] = [];
  for (const name of systemHeaders) {
    const value = name === "content-encoding" ? contentEncoding(headers) : (headers.get(name) ?? "").trim();
    if (value === "") continue;
    if (by === "header" || signedHeaders.has(name)) kept.push([name, value]);
    // A browser adds `cache-control` of its own accord; but without its encoding the content is another.
    else if (name === "content-encoding")
      throw new S3Error("AccessDenied", "The presigned URL does not sign content-encoding.");
  }
  return kept;
}

const bytesOf = (kept: readonly KeptHeader[]): number =>
  kept.reduce((sum, [name, value]) => sum + name.length + value.length, 0);

/**
 * The headers of a PUT that are kept with the object, and given back with it: S3's system-defined metadata and
 * `x-amz-meta-*`. `undefined` where there are none. Throws S3Error (MetadataTooLarge above 2 KB of
 * either kind, InvalidArgument for what no header can hold, AccessDenied).
 */
export function keptHeaders(
  headers: ReadonlyMap<string, string>,
  amz: ReadonlyMap<string, string>,
  verified: Pick<VerifiedRequest, "by" | "signedHeaders">,
): readonly KeptHeader[] | undefined {
  const system = systemMetadata(headers, verified);
  const user: KeptHeader[] = [];
  for (const [name, value] of amz) if (name.startsWith(userPrefix)) user.push([name, value.trim()]);
  if (system.length + user.length === 0) return undefined;
  // A query, into which presigners move members, can hold more than a header.
  for (const [name, value] of [...system, ...user])
    if (!headerName.test(name) || !plainValue.test(value))
      throw new S3Error("InvalidArgument", "Metadata must be printable ASCII.");
  if (bytesOf(system) > maxSystemBytes) throw tooLarge();
  if (bytesOf(user) - user.length * userPrefix.length > maxUserBytes) throw tooLarge();
  return [...system, ...user];
}
