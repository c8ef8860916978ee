import type { PresignedRequest, PresignPart } from "@stowage/core";
import { assertObjectKey } from "./object-key.ts";
import { largestPutBytes, type PresignPutOptions } from "./presign-put.ts";
import { presignedExpiryMs } from "./presigned-expiry.ts";

/** S3's most parts of one upload. */
const mostParts = 10_000;

const sha256Pattern = /^[0-9a-f]{64}$/;

/**
 * Presigns PUTs of one part with exactly the bytes described
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html). `host` and `content-length` are signed too;
 * a client sends these by itself. A part has no ACL, and is not read before its upload is completed.
 *
 * The function throws RangeError for a number, size or life out of range, TypeError for a key or digest that could not
 * be sent as signed.
 */
export function createPresignPart({ address, presign }: Pick<PresignPutOptions, "address" | "presign">) {
  return (part: PresignPart): PresignedRequest => {
    const { key, storeUploadId, partNumber, sizeBytes, sha256, expiresInSeconds, signedAtMs } = part;
    assertObjectKey(key);
    if (!Number.isInteger(partNumber) || partNumber < 1 || partNumber > mostParts)
      throw new RangeError(`partNumber must be a whole number from 1 to ${mostParts}`);
    if (!Number.isInteger(sizeBytes) || sizeBytes < 1 || sizeBytes > largestPutBytes)
      throw new RangeError(`sizeBytes must be a whole number from 1 to ${largestPutBytes}`);
    if (!sha256Pattern.test(sha256)) throw new TypeError("sha256 must be 64 digits of lower-case hex");
    const expiresAtMs = presignedExpiryMs(signedAtMs, expiresInSeconds);
    const headers = { "x-amz-checksum-sha256": Buffer.from(sha256, "hex").toString("base64") };
    const url = address(key);
    url.search = `partNumber=${partNumber}&uploadId=${encodeURIComponent(storeUploadId)}`;
    return {
      method: "PUT",
      url: presign({
        method: "PUT",
        url,
        headers: { ...headers, "content-length": String(sizeBytes) },
        expiresInSeconds,
        signedAt: new Date(signedAtMs),
      }),
      headers,
      expiresAtMs,
    };
  };
}
