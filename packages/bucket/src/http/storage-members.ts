import { refuseOtherThan, userMetadata } from "./amz-members.ts";
import { notImplemented } from "./exchange.ts";
import { S3Error } from "./s3-error.ts";

/** Members that say how an object is to be kept, on PUT, COPY and CreateMultipartUpload. */
export const storageMembers: readonly string[] = [
  userMetadata,
  "x-amz-acl",
  "x-amz-server-side-encryption",
  "x-amz-storage-class",
];

/** What the owner of every object may do in any case. */
const ownersAcls: ReadonlySet<string> = new Set(["private", "bucket-owner-full-control"]);

/** S3's canned ACLs that let others read or write. */
const openAcls: ReadonlySet<string> = new Set([
  "authenticated-read",
  "aws-exec-read",
  "bucket-owner-read",
  "log-delivery-write",
  "public-read",
  "public-read-write",
]);

/** S3's storage classes besides STANDARD, which is the only one here. */
const otherStorageClasses: ReadonlySet<string> = new Set([
  "DEEP_ARCHIVE",
  "EXPRESS_ONEZONE",
  "FSX_ONTAP",
  "FSX_OPENZFS",
  "GLACIER",
  "GLACIER_IR",
  "INTELLIGENT_TIERING",
  "ONEZONE_IA",
  "OUTPOSTS",
  "REDUCED_REDUNDANCY",
  "SNOW",
  "STANDARD_IA",
]);

/** Throws S3Error where an object is to be kept otherwise than all of them are. */
export function refuseOtherStorage(amz: ReadonlyMap<string, string>): void {
  const acl = amz.get("x-amz-acl");
  if (acl !== undefined && openAcls.has(acl))
    throw new S3Error("AccessControlListNotSupported", "The bucket does not allow ACLs");
  if (acl !== undefined && !ownersAcls.has(acl))
    throw new S3Error("InvalidArgument", "x-amz-acl is none of S3's canned ACLs.");
  refuseOtherThan(amz, "x-amz-server-side-encryption", "AES256");
  const storageClass = amz.get("x-amz-storage-class") ?? "STANDARD";
  if (otherStorageClasses.has(storageClass)) throw notImplemented(`the storage class ${storageClass}`);
  if (storageClass !== "STANDARD")
    throw new S3Error("InvalidStorageClass", "The storage class you specified is not valid");
}

/** As on S3, of every object: they are under AES-256-GCM, whether it was asked for or not. */
export const encryptionHeader = { "x-amz-server-side-encryption": "AES256" } as const;
