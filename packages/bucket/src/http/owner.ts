import { S3Error } from "./s3-error.ts";
import type { XmlContent } from "./xml.ts";

const id = "stowage";

/** Whoever has the credentials owns the bucket and all that is in it. */
export const owner: XmlContent = [
  ["ID", id],
  ["DisplayName", "stowage"],
];

/** Members by which a client makes sure whose bucket it talks to, and copies from. */
export const ownerMembers: readonly string[] = [
  "x-amz-expected-bucket-owner",
  "x-amz-source-expected-bucket-owner",
];

/** Throws S3Error (AccessDenied) where a client expects another owner. */
export function checkExpectedOwner(amz: ReadonlyMap<string, string>): void {
  for (const member of ownerMembers)
    if ((amz.get(member) ?? id) !== id) throw new S3Error("AccessDenied", "The bucket has another owner.");
}
