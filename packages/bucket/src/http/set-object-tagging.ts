import type { DiskStore } from "../storage/disk-store.ts";
import type { ObjectTag } from "../storage/object-file.ts";
import { ObjectChangedError } from "../storage/object-names.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { checksumMembers } from "./declared-checksum.ts";
import type { Exchange } from "./exchange.ts";
import { receiveDocument } from "./receive-document.ts";
import { noSuchKey, S3Error } from "./s3-error.ts";
import { tagsInDocument } from "./tag-set.ts";

const knownAmz: ReadonlySet<string> = new Set(checksumMembers);

/** PutObjectTagging: these tags instead of those that the object has. */
export async function putObjectTagging(exchange: Exchange, store: DiskStore): Promise<void> {
  refuseUnknownAmz(exchange.amz, knownAmz);
  const tags = tagsInDocument(await receiveDocument(exchange));
  await setTags(exchange, store, tags);
  exchange.announce({ name: "ObjectTagging:Put", key: exchange.key });
  exchange.response.writeHead(200, { "content-length": 0 }).end();
}

/** DeleteObjectTagging. */
export async function deleteObjectTagging(exchange: Exchange, store: DiskStore): Promise<void> {
  refuseUnknownAmz(exchange.amz, new Set());
  await setTags(exchange, store, undefined);
  exchange.announce({ name: "ObjectTagging:Delete", key: exchange.key });
  exchange.response.writeHead(204).end();
}

async function setTags(
  { request, key }: Exchange,
  store: DiskStore,
  tags: readonly ObjectTag[] | undefined,
): Promise<void> {
  // The client is quiet from here on because it waits for the disk: that is not its idleness.
  request.socket.setTimeout(0);
  try {
    if (!(await store.setTags(key, tags))) throw noSuchKey("The specified key does not exist.");
  } catch (cause) {
    if (!(cause instanceof ObjectChangedError)) throw cause;
    throw new S3Error(
      "OperationAborted",
      "A conflicting conditional action is currently in progress against this resource. Please try again.",
      { cause },
    );
  }
}
