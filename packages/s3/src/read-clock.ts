import { StoreUnavailableError } from "@stowage/core";
import type { Retry } from "./retry.ts";
import { readText, refused, type S3Send } from "./s3-send.ts";

/**
 * By the `Date` of an answer (RFC 9110 section 6.6.1) to the cheapest question there is,
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadBucket.html.
 */
export const createReadClock =
  ({ send, retry }: { send: S3Send; retry: Retry }) =>
  (): Promise<number> =>
    retry(async () => {
      const answer = await send({ method: "HEAD" });
      if (answer.kind !== "ok") throw refused("HEAD the bucket", answer.error);
      await readText(answer.answer, 0, "HEAD the bucket");
      const nowMs = Date.parse(answer.answer.headers.date ?? "");
      if (Number.isNaN(nowMs)) throw new StoreUnavailableError("HEAD the bucket: the answer has no date");
      return nowMs;
    });
