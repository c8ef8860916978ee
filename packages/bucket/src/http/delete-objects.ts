import type { DiskStore } from "../storage/disk-store.ts";
import { inParallel } from "../storage/in-parallel.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { checksumMembers } from "./declared-checksum.ts";
import { type Exchange, notImplemented, sendXml } from "./exchange.ts";
import { malformedXml, membersOf, parseDocument } from "./parse-xml.ts";
import { receiveDocument } from "./receive-document.ts";
import { maxKeyBytes } from "./request-target.ts";
import { S3Error, toS3Error } from "./s3-error.ts";
import { s3Namespace, type XmlContent, xmlDocument } from "./xml.ts";

/** S3's own bound. */
const maxKeys = 1000;
const parallelRemovals = 8;
const knownAmz: ReadonlySet<string> = new Set(checksumMembers);

function parseKeys(body: Buffer): { readonly keys: readonly string[]; readonly isQuiet: boolean } {
  const { children } = parseDocument(body, "Delete");
  const keys: string[] = [];
  let isQuiet = false;
  for (const element of children) {
    if (element.name === "Quiet" && element.children.length === 0) isQuiet = element.text.trim() === "true";
    else if (element.name === "Object") {
      const members = membersOf(element, ["Key", "VersionId"]);
      if (members.has("VersionId")) throw notImplemented("deleting a version");
      keys.push(members.get("Key") ?? "");
    } else throw malformedXml();
  }
  if (keys.length === 0 || keys.length > maxKeys || keys.includes("")) throw malformedXml();
  return { keys, isQuiet };
}

async function removeOne(store: DiskStore, key: string): Promise<S3Error | undefined> {
  if (Buffer.byteLength(key) > maxKeyBytes) return new S3Error("KeyTooLongError", "Your key is too long");
  try {
    await store.remove(key);
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
  const { keys, isQuiet } = parseKeys(await receiveDocument(exchange));
  const results: (XmlContent[number] | undefined)[] = [];
  await inParallel(keys, parallelRemovals, async (key, index) => {
    const refusal = await removeOne(store, key);
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
