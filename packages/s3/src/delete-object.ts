import { assertObjectKey } from "./object-key.ts";
import type { Retry } from "./retry.ts";
import { readText, refused, type S3Send } from "./s3-send.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObject.html; what is not there is deleted too. */
export function createDeleteObject({ send, retry }: { send: S3Send; retry: Retry }) {
  return async (key: string): Promise<void> => {
    assertObjectKey(key);
    await retry(async () => {
      const answer = await send({ method: "DELETE", key });
      if (answer.kind === "ok") await readText(answer.answer, 64 * 1024, `DELETE ${key}`);
      else if (answer.error.code !== "NoSuchKey") throw refused(`DELETE ${key}`, answer.error);
    });
  };
}
