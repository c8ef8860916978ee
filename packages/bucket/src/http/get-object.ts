import type { ServerResponse } from "node:http";
import type { DiskStore } from "../storage/disk-store.ts";
import type { ObjectMetadata } from "../storage/object-file.ts";
import type { StoredObject } from "../storage/read-object.ts";
import { releaseBuffer } from "../storage/release-buffer.ts";
import { refuseUnknownAmz } from "./amz-members.ts";
import { type ByteRange, decideRange } from "./byte-range.ts";
import { overriddenHeaders, securityHeaders } from "./content-headers.ts";
import type { Exchange } from "./exchange.ts";
import { objectChecksumHeaders } from "./object-checksum.ts";
import { type PartOfObject, rangeOfPart } from "./part-of-object.ts";
import { decidePreconditions, rangeApplies } from "./preconditions.ts";
import { keyTaken, S3Error } from "./s3-error.ts";
import { encryptionHeader } from "./storage-members.ts";
import { parsePartNumber } from "./upload-part.ts";

const knownAmz: ReadonlySet<string> = new Set(["x-amz-checksum-mode"]);

/** GetObject and HeadObject. With `partNumber`, of the part that the object was uploaded with. */
export async function getObject(exchange: Exchange, store: DiskStore): Promise<void> {
  refuseUnknownAmz(exchange.amz, knownAmz);
  const overridden = overriddenHeaders(exchange.query);
  const partNumber = wantedPart(exchange);
  const object = await store.open(exchange.key);
  if (!object) throw new S3Error("NoSuchKey", "The specified key does not exist.");
  try {
    const part = partNumber === undefined ? undefined : await rangeOfPart(object, partNumber);
    await answer(exchange, object, overridden, part);
  } finally {
    await object.close();
  }
}

async function answer(
  { request, response, headers, amz }: Exchange,
  object: StoredObject,
  overridden: Readonly<Record<string, string>>,
  part: PartOfObject | undefined,
): Promise<void> {
  const { metadata } = object;
  const { sizeBytes } = metadata;
  const validators = { etag: metadata.etag, modifiedAtMs: metadata.createdAtMs };
  const outcome = decidePreconditions(
    {
      ifMatch: headers.get("if-match"),
      ifNoneMatch: headers.get("if-none-match"),
      ifModifiedSince: headers.get("if-modified-since"),
      ifUnmodifiedSince: headers.get("if-unmodified-since"),
    },
    validators,
  );
  if (outcome === "failed") throw keyTaken();
  const kept: Readonly<Record<string, string>> = Object.fromEntries(metadata.headers ?? []);
  const cacheHeaders = {
    etag: `"${metadata.etag}"`,
    "last-modified": new Date(metadata.createdAtMs).toUTCString(),
    // An object is somebody's, and its URL a secret: no shared cache, unless whoever signed it says so.
    "cache-control": overridden["cache-control"] ?? kept["cache-control"] ?? "private, no-cache",
  };
  if (outcome === "not-modified") {
    response.writeHead(304, cacheHeaders).end();
    return;
  }

  const asked = rangeApplies(headers.get("if-range"), validators)
    ? decideRange(headers.get("range"), sizeBytes)
    : undefined;
  const range = part ? part.range : asked;
  if (range === "unsatisfiable")
    throw new S3Error("InvalidRange", "The requested range is not satisfiable", {
      headers: { "content-range": `bytes */${sizeBytes}` },
    });
  const { start, end } = range ?? { start: 0, end: sizeBytes };
  const sendHead = (): void => {
    response.writeHead(range ? 206 : 200, {
      ...kept,
      ...securityHeaders,
      ...encryptionHeader,
      ...cacheHeaders,
      "accept-ranges": "bytes",
      "content-type": metadata.contentType,
      ...overridden,
      "content-length": end - start,
      ...(range && { "content-range": `bytes ${start}-${end - 1}/${sizeBytes}` }),
      ...(part?.partsCount !== undefined && { "x-amz-mp-parts-count": part.partsCount }),
      ...(metadata.tags && { "x-amz-tagging-count": metadata.tags.length }),
      ...checksumHeaders(amz, range, metadata),
    });
  };
  if (request.method !== "HEAD") await sendContent(response, object.read(start, end), sendHead);
  if (!response.headersSent) sendHead();
  response.end();
}

function wantedPart({ query, headers }: Exchange): number | undefined {
  if (!query.has("partNumber")) return undefined;
  if (headers.has("range"))
    throw new S3Error("InvalidRequest", "Cannot specify both Range header and partNumber query parameter");
  return parsePartNumber(query.get("partNumber"));
}

/** Only with the whole object: a client would hold a part of it to the whole one's checksum. */
const checksumHeaders = (
  amz: ReadonlyMap<string, string>,
  range: ByteRange | undefined,
  metadata: ObjectMetadata,
): Record<string, string> =>
  amz.get("x-amz-checksum-mode")?.toUpperCase() === "ENABLED" && !range
    ? objectChecksumHeaders(metadata)
    : {};

/** The head goes out with the first bytes, once they are known to be good. */
async function sendContent(
  response: ServerResponse,
  batches: AsyncIterable<Buffer[]>,
  sendHead: () => void,
): Promise<void> {
  for await (const batch of batches) {
    if (response.destroyed) return;
    if (!response.headersSent) sendHead();
    response.cork();
    let hasRoom = true;
    for (const plain of batch)
      hasRoom = response.write(plain, (error) => {
        // Only once the kernel has all of it; after a failure a write may still refer to it.
        if (!error) releaseBuffer(plain);
      });
    response.uncork();
    if (!hasRoom && !response.destroyed) await roomOrEnd(response);
  }
}

/** Waits until the client has taken what was sent, or is gone. */
const roomOrEnd = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const settle = (): void => {
      response.off("drain", settle).off("close", settle);
      resolve();
    };
    response.on("drain", settle).on("close", settle);
  });
