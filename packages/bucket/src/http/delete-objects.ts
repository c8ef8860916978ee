import type { DiskStore } from "../storage/disk-store.ts";
import { inParallel } from "../storage/in-parallel.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { checksumMembers } from "./declared-checksum.ts";
import { type Exchange, sendXml } from "./exchange.ts";
import { malformedXml, membersOf, parseDocument } from "./parse-xml.ts";
import { receiveDocument } from "./receive-document.ts";
import { checkVersionId, maxKeyBytes } from "./request-target.ts";
import { S3Error, toS3Error } from "./s3-error.ts";
import { removeCondition } from "./write-condition.ts";
import { s3Namespace, type XmlContent, xmlDocument } from "./xml.ts";

/** S3's own bound. */
const maxKeys = 1000;
const parallelRemovals = 8;
const knownAmz: ReadonlySet<string> = new Set(checksumMembers);

interface Removal {
  readonly key: string;
  /** What the object must have, as in `If-Match`. */
  readonly etag?: string | undefined;
}

function parseRemovals(body: Buffer): { readonly removals: readonly Removal[]; readonly isQuiet: boolean } {
  const { children } = parseDocument(body, "Delete");
  const removals: Removal[] = [];
  let isQuiet = false;
  for (const element of children) {
    if (element.name === "Quiet" && element.children.length === 0) isQuiet = element.text.trim() === "true";
    else if (element.name === "Object") {
      const members = membersOf(element, ["ETag", "Key", "VersionId"]);
      checkVersionId(members.get("VersionId"));
      removals.push({ key: members.get("Key") ?? "", etag: members.get("ETag") });
    } else throw malformedXml();
  }
  if (removals.length === 0 || removals.length > maxKeys || removals.some(({ key }) => key === ""))
    throw malformedXml();
  return { removals, isQuiet };
}

async function removeOne(store: DiskStore, { key, etag }: Removal): Promise<S3Error | undefined> {
  if (Buffer.byteLength(key) > maxKeyBytes) return new S3Error("KeyTooLongError", "Your key is too long");
  try {
    await store.remove(key, removeCondition(new Map(etag === undefined ? [] : [["if-match", etag]])));
    return undefined;
  } catch (error) {
    return toS3Error(error);
  }
}

/** DeleteObjects: what happened to each key, whether or not there was an object. */
export async function deleteObjects(exchange: Exchange, store: DiskStore): Promise<void> {
  const { headers, amz } = exchange;
  refuseUnknownAmz(amz, knownAmz);
  // As on S3: a document that was cut or changed on its way would remove the wrong objects.
  if (!headers.has("content-md5") && !checksumMembers.some((member) => amz.has(member)))
    throw new S3Error(
      "InvalidRequest",
      "Missing required header for this request: Content-MD5 or a checksum.",
    );
  const { removals, isQuiet } = parseRemovals(await receiveDocument(exchange));
  const results: (XmlContent[number] | undefined)[] = [];
  await inParallel(removals, parallelRemovals, async (removal, index) => {
    const { key } = removal;
    const refusal = await removeOne(store, removal);
    if (!refusal) exchange.announce({ name: "ObjectRemoved:Delete", key });
    if (refusal)
      results[index] = [
        "Error",
        [
          ["Key", key],
          ["Code", refusal.code],
          ["Message", refusal.message],
        ],
      ];
    else if (!isQuiet) results[index] = ["Deleted", [["Key", key]]];
  });
  const told = results.filter((result) => result !== undefined);
  sendXml(exchange, xmlDocument("DeleteResult", told, s3Namespace));
}
