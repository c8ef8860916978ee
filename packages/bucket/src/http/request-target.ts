import { S3Error } from "./s3-error.ts";

/** S3's own bound. */
export const maxKeyBytes = 1024;

/** Bucket and key of a path as `decodeObjectPath` of @stowage/sigv4 gives it; either may be empty. */
export function parseObjectPath(path: string): { readonly bucket: string; readonly key: string } {
  const slash = path.indexOf("/", 1);
  const bucket = slash === -1 ? path.slice(1) : path.slice(1, slash);
  const key = slash === -1 ? "" : path.slice(slash + 1);
  if (Buffer.byteLength(key) > maxKeyBytes) throw new S3Error("KeyTooLongError", "Your key is too long");
  return { bucket, key };
}

/** Objects have no versions here: theirs is `null`, as on S3 without versioning. Throws S3Error (InvalidArgument). */
export function checkVersionId(versionId: string | undefined): void {
  if (versionId !== undefined && versionId !== "null")
    throw new S3Error("InvalidArgument", "Invalid version id specified");
}

/** Query members that turn a request into another operation than its verb's plain one. */
const subResources: ReadonlySet<string> = new Set([
  "accelerate",
  "acl",
  "analytics",
  "attributes",
  "cors",
  "delete",
  "encryption",
  "intelligent-tiering",
  "inventory",
  "legal-hold",
  "lifecycle",
  "location",
  "logging",
  "metadataTable",
  "metrics",
  "notification",
  "object-lock",
  "ownershipControls",
  "partNumber",
  "policy",
  "policyStatus",
  "publicAccessBlock",
  "renameObject",
  "replication",
  "requestPayment",
  "restore",
  "retention",
  "select",
  "session",
  "tagging",
  "torrent",
  "uploadId",
  "uploads",
  "versionId",
  "versioning",
  "versions",
  "website",
]);

/** Those members of a query that choose the operation, sorted. */
export const subResourcesIn = (query: ReadonlyMap<string, string>): string[] =>
  [...query.keys()].filter((member) => subResources.has(member)).sort();
