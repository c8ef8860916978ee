import { type PutPart, type StoredPart, StoreUnavailableError } from "@stowage/core";
import { isNoSuchUpload } from "./no-such-upload.ts";
import { assertObjectKey } from "./object-key.ts";
import type { Retry } from "./retry.ts";
import { readText, refused, type S3Send } from "./s3-send.ts";

/**
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPart.html. The store holds the body to its digest. A part that is sent again
 * since its answer was lost takes its own place.
 */
export function createPutPart({ send, retry }: { readonly send: S3Send; readonly retry: Retry }) {
  return async (part: PutPart): Promise<StoredPart | undefined> => {
    const { key, storeUploadId, partNumber, body, sha256 } = part;
    assertObjectKey(key);
    const what = `PUT part ${partNumber} of ${key}`;
    return retry(async () => {
      const answer = await send({
        method: "PUT",
        key,
        query: { partNumber: String(partNumber), uploadId: storeUploadId },
        headers: { "x-amz-checksum-sha256": Buffer.from(sha256, "hex").toString("base64") },
        body,
        sha256,
      });
      if (answer.kind === "refused") {
        if (isNoSuchUpload(answer.error)) return undefined;
        throw refused(what, answer.error);
      }
      await readText(answer.answer, 64 * 1024, what);
      const { etag } = answer.answer.headers;
      if (typeof etag !== "string" || etag === "")
        throw new StoreUnavailableError(`${what}: the store's answer has no ETag`);
      return { partNumber, sizeBytes: body.byteLength, etag: etag.replaceAll('"', ""), sha256 };
    });
  };
}
