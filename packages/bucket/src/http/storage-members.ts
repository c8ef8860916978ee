import { refuseOtherThan, userMetadata } from "./amz-members.ts";
import { notImplemented } from "./exchange.ts";

/** Members that say how an object is to be kept, on PUT, COPY and CreateMultipartUpload. */
export const storageMembers: readonly string[] = [
  userMetadata,
  "x-amz-acl",
  "x-amz-server-side-encryption",
  "x-amz-storage-class",
];

/** What the owner of every object may do in any case. */
const ownersAcls: ReadonlySet<string> = new Set(["private", "bucket-owner-full-control"]);

/** Throws S3Error (NotImplemented) where an object is to be kept otherwise than all of them are. */
export function refuseOtherStorage(amz: ReadonlyMap<string, string>): void {
  const acl = amz.get("x-amz-acl");
  if (acl !== undefined && !ownersAcls.has(acl)) throw notImplemented("x-amz-acl other than private");
  refuseOtherThan(amz, "x-amz-server-side-encryption", "AES256");
  refuseOtherThan(amz, "x-amz-storage-class", "STANDARD");
}

/** Tells whoever asked for encryption that there is: objects are under AES-256-GCM in any case. */
export const encryptionHeader = (amz: ReadonlyMap<string, string>): Record<string, string> =>
  amz.has("x-amz-server-side-encryption") ? { "x-amz-server-side-encryption": "AES256" } : {};
