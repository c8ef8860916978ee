import { StoreUnavailableError } from "@stowage/core";
import { assertObjectKey } from "./object-key.ts";
import { readAnswerElement } from "./read-answer-element.ts";
import type { Retry } from "./retry.ts";
import { readText, refused, type S3Send } from "./s3-send.ts";

/** S3's are some 100 characters; whatever is longer than a URL takes is none. */
const longestUploadId = 1024;

/**
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html. Parts have to come with their SHA-256,
 * and are listed with it, where the store checks it. An attempt whose answer was lost leaves an upload that nobody
 * knows.
 */
export function createCreateMultipartUpload({ send, retry }: { send: S3Send; retry: Retry }) {
  return async ({ key, contentType }: { key: string; contentType: string }): Promise<string> => {
    assertObjectKey(key);
    const what = `begin the multipart upload of ${key}`;
    return retry(async () => {
      const answer = await send({
        method: "POST",
        key,
        query: { uploads: "" },
        headers: { "content-type": contentType, "x-amz-checksum-algorithm": "SHA256" },
      });
      if (answer.kind === "refused") throw refused(what, answer.error);
      const body = await readText(answer.answer, 64 * 1024, what);
      const uploadId = readAnswerElement(what, body, "InitiateMultipartUploadResult").text("UploadId");
      if (uploadId === undefined || uploadId === "" || uploadId.length > longestUploadId)
        throw new StoreUnavailableError(`${what}: the store's answer has no upload id`);
      return uploadId;
    });
  };
}
