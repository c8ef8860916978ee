import { isNoSuchUpload } from "./no-such-upload.ts";
import { assertObjectKey } from "./object-key.ts";
import type { Retry } from "./retry.ts";
import { readText, refused, type S3Send } from "./s3-send.ts";

/**
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html; what is not there is aborted too. The
 * credentials need AbortMultipartUpload.
 */
export function createAbortMultipartUpload({ send, retry }: { send: S3Send; retry: Retry }) {
  return async ({ key, storeUploadId }: { key: string; storeUploadId: string }): Promise<void> => {
    assertObjectKey(key);
    const what = `abort the multipart upload of ${key}`;
    await retry(async () => {
      const answer = await send({ method: "DELETE", key, query: { uploadId: storeUploadId } });
      if (answer.kind === "ok") await readText(answer.answer, 64 * 1024, what);
      else if (!isNoSuchUpload(answer.error)) throw refused(what, answer.error);
    });
  };
}
