// Sends a file to a bucket by @aws-sdk/lib-storage: node lib-storage-put.ts FILE KEY
// S3_ENDPOINT, S3_BUCKET, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY say where; PART_BYTES and PARTS_IN_FLIGHT how.
import { createReadStream } from "node:fs";
import { S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";

const [path = "", key = ""] = process.argv.slice(2);
const { S3_ENDPOINT = "", S3_BUCKET = "", PART_BYTES = "", PARTS_IN_FLIGHT = "" } = process.env;
const client = new S3Client({ region: "us-east-1", endpoint: S3_ENDPOINT, forcePathStyle: true });
await new Upload({
  client,
  params: { Bucket: S3_BUCKET, Key: key, Body: createReadStream(path), ChecksumAlgorithm: "SHA256" },
  partSize: Number(PART_BYTES),
  queueSize: Number(PARTS_IN_FLIGHT),
}).done();
