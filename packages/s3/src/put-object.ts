import { createHash } from "node:crypto";
import type { ObjectBody, ObjectHead, PutObject } from "@stowage/core";
import { assertObjectKey } from "./object-key.ts";
import type { Retry } from "./retry.ts";
import { readText, refused, type S3Answer, type S3Send } from "./s3-send.ts";

const sha256Pattern = /^[0-9a-f]{64}$/;

/**
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html. The store holds the body to its digest:
 * `x-amz-content-sha256` is signed, and every S3 service checks it.
 *
 * With `ifAbsent` an attempt whose answer was lost may have stored the object, and the next one is then told
 * that something is there. So a 412 after that is looked into: the same bytes under the key are taken for ours.
 */
export function createPutObject(options: {
  send: S3Send;
  retry: Retry;
  headOnce: (key: string) => Promise<ObjectHead | undefined>;
  getObject: (key: string) => Promise<ObjectBody | undefined>;
}) {
  const { send, retry, headOnce, getObject } = options;

  const isThere = async ({ key, body, sha256 }: PutObject): Promise<boolean> => {
    const head = await headOnce(key);
    if (head?.sizeBytes !== body.byteLength) return false;
    if (head.sha256 !== undefined) return head.sha256 === sha256;
    const object = await getObject(key);
    if (object === undefined) return false;
    const hash = createHash("sha256");
    for await (const chunk of object.body) hash.update(chunk);
    return hash.digest("hex") === sha256;
  };

  return async (put: PutObject): Promise<"stored" | "exists"> => {
    const { key, body, contentType, sha256, ifAbsent = false } = put;
    assertObjectKey(key);
    if (!sha256Pattern.test(sha256)) throw new TypeError("sha256 must be 64 digits of lower-case hex");
    const headers: Record<string, string> = {
      "content-type": contentType,
      "x-amz-checksum-sha256": Buffer.from(sha256, "hex").toString("base64"),
    };
    if (ifAbsent) headers["if-none-match"] = "*";
    let wasAnswerLost = false;

    return retry(async () => {
      let answer: S3Answer;
      try {
        answer = await send({ method: "PUT", key, headers, body, sha256 });
        if (answer.kind === "ok") await readText(answer.answer, 64 * 1024, `PUT ${key}`);
      } catch (error) {
        wasAnswerLost = true;
        throw error;
      }
      if (answer.kind === "ok") return "stored";
      if (!ifAbsent || answer.error.status !== 412) throw refused(`PUT ${key}`, answer.error);
      return wasAnswerLost && (await isThere(put)) ? "stored" : "exists";
    });
  };
}
