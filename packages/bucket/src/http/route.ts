import type { DiskStore } from "../storage/disk-store.ts";
import { abortMultipartUpload } from "./abort-multipart-upload.ts";
import { completeMultipartUpload } from "./complete-multipart-upload.ts";
import { copyObject } from "./copy-object.ts";
import { createMultipartUpload } from "./create-multipart-upload.ts";
import { deleteObject } from "./delete-object.ts";
import { deleteObjects } from "./delete-objects.ts";
import { type Exchange, notImplemented } from "./exchange.ts";
import { getObject } from "./get-object.ts";
import { listMultipartUploads } from "./list-multipart-uploads.ts";
import { listObjectsV2 } from "./list-objects.ts";
import { listParts } from "./list-parts.ts";
import { putObject } from "./put-object.ts";
import { subResourcesIn } from "./request-target.ts";
import { S3Error } from "./s3-error.ts";
import { uploadPart } from "./upload-part.ts";
import { uploadPartCopy } from "./upload-part-copy.ts";

export interface Operations {
  readonly store: DiskStore;
  readonly bucket: string;
  /** Of what one request brings: an object, or a part of one. */
  readonly maxObjectSizeBytes: number;
  /** Of what is put together from parts. */
  readonly maxMultipartSizeBytes: number;
}

type Operation = (exchange: Exchange, operations: Operations) => Promise<void>;

const putOrCopy: Operation = (exchange, operations) => {
  const source = exchange.amz.get("x-amz-copy-source");
  return source === undefined
    ? putObject(exchange, operations.store, operations.maxObjectSizeBytes)
    : copyObject(exchange, operations.store, operations, source);
};

const sendOrCopyPart: Operation = (exchange, operations) => {
  const source = exchange.amz.get("x-amz-copy-source");
  return source === undefined
    ? uploadPart(exchange, operations.store, operations.maxObjectSizeBytes)
    : uploadPartCopy(exchange, operations.store, operations, source);
};

const headBucket: Operation = async ({ response }) => {
  response.writeHead(200, { "content-length": 0 }).end();
};

const makeOrRemoveBucket: Operation = async () => {
  throw notImplemented("making or removing buckets");
};

/** By verb, what it is about, and the query members that choose among a verb's operations. */
const operationsByName: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ["GET object", (exchange, { store }) => getObject(exchange, store)],
  ["HEAD object", (exchange, { store }) => getObject(exchange, store)],
  ["PUT object", putOrCopy],
  ["DELETE object", (exchange, { store }) => deleteObject(exchange, store)],
  ["POST object?uploads", (exchange, { store, bucket }) => createMultipartUpload(exchange, store, bucket)],
  ["PUT object?partNumber&uploadId", sendOrCopyPart],
  ["GET object?uploadId", (exchange, { store, bucket }) => listParts(exchange, store, bucket)],
  [
    "POST object?uploadId",
    (exchange, { store, bucket, maxMultipartSizeBytes }) =>
      completeMultipartUpload(exchange, store, { bucket, maxObjectBytes: maxMultipartSizeBytes }),
  ],
  ["DELETE object?uploadId", (exchange, { store }) => abortMultipartUpload(exchange, store)],
  ["GET bucket", (exchange, { store, bucket }) => listObjectsV2(exchange, store, bucket)],
  ["HEAD bucket", headBucket],
  ["PUT bucket", makeOrRemoveBucket],
  ["DELETE bucket", makeOrRemoveBucket],
  ["POST bucket?delete", (exchange, { store }) => deleteObjects(exchange, store)],
  ["GET bucket?uploads", (exchange, { store, bucket }) => listMultipartUploads(exchange, store, bucket)],
]);

const methodNotAllowed = (allow: string): S3Error =>
  new S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.", {
    headers: { allow },
  });

/** Runs the operation of a verified request on this bucket. */
export async function route(exchange: Exchange, operations: Operations): Promise<void> {
  const { request, query, key } = exchange;
  const subResources = subResourcesIn(query);
  const resource = key === "" ? "bucket" : "object";
  const members = subResources.length === 0 ? "" : `?${subResources.join("&")}`;
  const operation = operationsByName.get(`${request.method} ${resource}${members}`);
  if (operation) return operation(exchange, operations);
  if (members !== "") throw notImplemented(members);
  // A form upload, or a sub-resource that is not known here.
  if (request.method === "POST") throw notImplemented("POST");
  throw methodNotAllowed(key === "" ? "GET, HEAD, POST, OPTIONS" : "GET, HEAD, PUT, POST, DELETE, OPTIONS");
}
