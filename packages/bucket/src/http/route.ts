import type { CheckedRule } from "../lifecycle/lifecycle-rule.ts";
import type { DiskStore } from "../storage/disk-store.ts";
import { abortMultipartUpload } from "./abort-multipart-upload.ts";
import { createBucket, getBucketLocation, headBucket, listBuckets } from "./bucket-existence.ts";
import { completeMultipartUpload } from "./complete-multipart-upload.ts";
import { configuredElsewhere } from "./configured-elsewhere.ts";
import { copyObject } from "./copy-object.ts";
import type { CorsRules } from "./cors.ts";
import { createMultipartUpload } from "./create-multipart-upload.ts";
import { deleteObject } from "./delete-object.ts";
import { deleteObjects } from "./delete-objects.ts";
import { type Exchange, notImplemented } from "./exchange.ts";
import { fixedConfigurations, getFixedConfiguration, sendAcl } from "./fixed-configuration.ts";
import { getBucketCors } from "./get-bucket-cors.ts";
import { getBucketLifecycle } from "./get-bucket-lifecycle.ts";
import { getObject } from "./get-object.ts";
import { getObjectAcl } from "./get-object-acl.ts";
import { getObjectAttributes } from "./get-object-attributes.ts";
import { getObjectTagging } from "./get-object-tagging.ts";
import { listMultipartUploads } from "./list-multipart-uploads.ts";
import { listObjectVersions } from "./list-object-versions.ts";
import { listObjects } from "./list-objects.ts";
import { listParts } from "./list-parts.ts";
import { checkExpectedOwner } from "./owner.ts";
import { putObject } from "./put-object.ts";
import { checkVersionId, subResourcesIn } from "./request-target.ts";
import { S3Error } from "./s3-error.ts";
import { deleteObjectTagging, putObjectTagging } from "./set-object-tagging.ts";
import { uploadPart } from "./upload-part.ts";
import { uploadPartCopy } from "./upload-part-copy.ts";

export interface Operations {
  readonly store: DiskStore;
  readonly bucket: string;
  readonly region: string;
  /** Of what one request brings: an object, or a part of one. */
  readonly maxObjectSizeBytes: number;
  /** Of what is put together from parts. */
  readonly maxMultipartSizeBytes: number;
  readonly cors: CorsRules;
  readonly lifecycle: readonly CheckedRule[];
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

const removeBucket: Operation = async () => {
  throw notImplemented("removing the bucket");
};

/** By verb, what it is about, and the query members that choose among a verb's operations. */
const operationsByName: ReadonlyMap<string, Operation> = new Map<string, Operation>([
  ["GET object", (exchange, { store }) => getObject(exchange, store)],
  ["HEAD object", (exchange, { store }) => getObject(exchange, store)],
  ["GET object?partNumber", (exchange, { store }) => getObject(exchange, store)],
  ["HEAD object?partNumber", (exchange, { store }) => getObject(exchange, store)],
  ["GET object?attributes", (exchange, { store }) => getObjectAttributes(exchange, store)],
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
  ["GET bucket", (exchange, { store, bucket }) => listObjects(exchange, store, bucket)],
  ["GET bucket?versions", (exchange, { store, bucket }) => listObjectVersions(exchange, store, bucket)],
  ["GET object?acl", (exchange, { store }) => getObjectAcl(exchange, store)],
  ["GET object?tagging", (exchange, { store }) => getObjectTagging(exchange, store)],
  ["PUT object?tagging", (exchange, { store }) => putObjectTagging(exchange, store)],
  ["DELETE object?tagging", (exchange, { store }) => deleteObjectTagging(exchange, store)],
  ["GET service", (exchange, operations) => listBuckets(exchange, operations.store, operations)],
  ["HEAD bucket", headBucket],
  ["PUT bucket", createBucket],
  ["DELETE bucket", removeBucket],
  ["GET bucket?acl", async (exchange) => sendAcl(exchange)],
  ["GET bucket?location", getBucketLocation],
  ...fixedConfigurations.map((name): [string, Operation] => [
    `GET bucket?${name}`,
    (exchange) => getFixedConfiguration(exchange, name),
  ]),
  ["POST bucket?delete", (exchange, { store }) => deleteObjects(exchange, store)],
  ["GET bucket?cors", (exchange, { cors }) => getBucketCors(exchange, cors)],
  ["PUT bucket?cors", () => configuredElsewhere("CORS rules", "corsOrigins")],
  ["DELETE bucket?cors", () => configuredElsewhere("CORS rules", "corsOrigins")],
  ["GET bucket?lifecycle", (exchange, { lifecycle }) => getBucketLifecycle(exchange, lifecycle)],
  ["PUT bucket?lifecycle", () => configuredElsewhere("lifecycle rules", "lifecycle")],
  ["DELETE bucket?lifecycle", () => configuredElsewhere("lifecycle rules", "lifecycle")],
  ["GET bucket?uploads", (exchange, { store, bucket }) => listMultipartUploads(exchange, store, bucket)],
]);

const methodNotAllowed = (allow: string): S3Error =>
  new S3Error("MethodNotAllowed", "The specified method is not allowed against this resource.", {
    headers: { allow },
  });

/** Naming the one version that there is changes nothing. Throws S3Error for another one. */
function withoutVersion({ request, query, key }: Exchange): readonly string[] {
  const subResources = subResourcesIn(query);
  const isOfVersion = ["GET", "HEAD", "DELETE"].includes(request.method ?? "") || query.has("tagging");
  if (key === "" || !isOfVersion) return subResources;
  checkVersionId(query.get("versionId"));
  return subResources.filter((name) => name !== "versionId");
}

/** Runs the operation of a verified request on this bucket, or on what there is besides. */
export async function route(exchange: Exchange, operations: Operations): Promise<void> {
  const { request, bucket, key } = exchange;
  const { method } = request;
  if (bucket !== "" && bucket !== operations.bucket) {
    if (method === "PUT" && key === "")
      throw new S3Error(
        "TooManyBuckets",
        `This server has one bucket, ${operations.bucket}, and makes no others.`,
      );
    throw new S3Error("NoSuchBucket", "The specified bucket does not exist");
  }
  if (bucket === "" && key !== "") throw new S3Error("NoSuchBucket", "The specified bucket does not exist");
  checkExpectedOwner(exchange.amz);
  const subResources = withoutVersion(exchange);
  const resource = bucket === "" ? "service" : key === "" ? "bucket" : "object";
  const members = subResources.length === 0 ? "" : `?${subResources.join("&")}`;
  const operation = operationsByName.get(`${method} ${resource}${members}`);
  if (operation) return operation(exchange, operations);
  if (members !== "") throw notImplemented(members);
  // A form upload, or a sub-resource that is not known here.
  if (method === "POST") throw notImplemented("POST");
  throw methodNotAllowed(allowed[resource]);
}

const allowed = {
  service: "GET",
  bucket: "GET, HEAD, POST, OPTIONS",
  object: "GET, HEAD, PUT, POST, DELETE, OPTIONS",
} as const;
