import type { DiskStore } from "../storage/disk-store.ts";
import { refuseOtherThan, refuseUnknownAmz } from "./amz-members.ts";
import { type Exchange, notImplemented, sendXml } from "./exchange.ts";
import { owner } from "./owner.ts";
import { parseDocument } from "./parse-xml.ts";
import { receiveDocument } from "./receive-document.ts";
import { S3Error } from "./s3-error.ts";
import { s3Namespace, xmlDocument } from "./xml.ts";

/** The one bucket that there is. */
export interface OnlyBucket {
  readonly bucket: string;
  readonly region: string;
}

/** Where S3 was first, and where some things are as they were then. */
const firstRegion = "us-east-1";

/** ListBuckets. */
export async function listBuckets(
  exchange: Exchange,
  store: DiskStore,
  { bucket, region }: OnlyBucket,
): Promise<void> {
  const { query, amz } = exchange;
  refuseUnknownAmz(amz, new Set());
  const isWanted =
    bucket.startsWith(query.get("prefix") ?? "") && (query.get("bucket-region") ?? region) === region;
  const described = [
    "Bucket",
    [
      ["Name", bucket],
      ["CreationDate", new Date(await store.createdAtMs()).toISOString()],
      ["BucketRegion", region],
    ],
  ] as const;
  sendXml(
    exchange,
    xmlDocument(
      "ListAllMyBucketsResult",
      [
        ["Owner", owner],
        ["Buckets", isWanted ? [described] : []],
      ],
      s3Namespace,
    ),
  );
}

/** HeadBucket. */
export async function headBucket({ response }: Exchange, { region }: OnlyBucket): Promise<void> {
  response.writeHead(200, { "content-length": 0, "x-amz-bucket-region": region }).end();
}

/** GetBucketLocation. */
export async function getBucketLocation(exchange: Exchange, { region }: OnlyBucket): Promise<void> {
  refuseUnknownAmz(exchange.amz, new Set());
  const constraint = region === firstRegion ? "" : region;
  sendXml(exchange, xmlDocument("LocationConstraint", constraint, s3Namespace));
}

const knownAmz: ReadonlySet<string> = new Set([
  "x-amz-acl",
  "x-amz-bucket-object-lock-enabled",
  "x-amz-object-ownership",
]);

/**
 * CreateBucket of the bucket that is there: 409, and 200 in us-east-1, as S3 has it. Other buckets can't be made
 * (route.ts).
 */
export async function createBucket(exchange: Exchange, { bucket, region }: OnlyBucket): Promise<void> {
  const { amz, headers, response } = exchange;
  refuseUnknownAmz(amz, knownAmz);
  refuseOtherThan(amz, "x-amz-acl", "private");
  refuseOtherThan(amz, "x-amz-bucket-object-lock-enabled", "false");
  refuseOtherThan(amz, "x-amz-object-ownership", "BucketOwnerEnforced");
  if (headers.has("transfer-encoding") || Number(headers.get("content-length") ?? 0) > 0) {
    const { children } = parseDocument(await receiveDocument(exchange), "CreateBucketConfiguration");
    for (const { name, text } of children) {
      if (name !== "LocationConstraint") throw notImplemented(`${name} of a bucket`);
      if (text.trim() !== region)
        throw new S3Error(
          "IllegalLocationConstraintException",
          `The ${text.trim()} location constraint is incompatible for the region specific endpoint this request was sent to.`,
        );
    }
  }
  if (region !== firstRegion)
    throw new S3Error(
      "BucketAlreadyOwnedByYou",
      "Your previous request to create the named bucket succeeded and you already own it.",
    );
  response.writeHead(200, { location: `/${bucket}`, "content-length": 0 }).end();
}
