import { type ObjectHead, StoreUnavailableError } from "@stowage/core";
import type { HttpAnswer } from "./http-connection.ts";
import { assertObjectKey } from "./object-key.ts";
import type { Retry } from "./retry.ts";
import { readText, refused, type S3Send } from "./s3-send.ts";

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html, one attempt. */
export type HeadOnce = (key: string) => Promise<ObjectHead | undefined>;

export function createHeadOnce(options: { send: S3Send; assertPresent(): Promise<void> }): HeadOnce {
  return async (key) => {
    const answer = await options.send({
      method: "HEAD",
      key,
      headers: { "x-amz-checksum-mode": "ENABLED" },
    });
    if (answer.kind === "ok") {
      await readText(answer.answer, 0, `HEAD ${key}`);
      return readHead(key, answer.answer);
    }
    if (answer.error.status !== 404) throw refused(`HEAD ${key}`, answer.error);
    await options.assertPresent();
    return undefined;
  };
}

export function createHeadObject(options: { headOnce: HeadOnce; retry: Retry }) {
  return async (key: string): Promise<ObjectHead | undefined> => {
    assertObjectKey(key);
    return options.retry(() => options.headOnce(key));
  };
}

function readHead(key: string, { headers }: HttpAnswer): ObjectHead {
  const lastModifiedMs = Date.parse(headers["last-modified"] ?? "");
  if (Number.isNaN(lastModifiedMs))
    throw new StoreUnavailableError(`HEAD ${key}: the store's answer has no date`);
  const contentType = headers["content-type"];
  const sha256 = readSha256(headers["x-amz-checksum-sha256"]);
  return {
    key,
    sizeBytes: readContentLength(`HEAD ${key}`, headers["content-length"]),
    lastModifiedMs,
    ...(contentType === undefined ? {} : { contentType }),
    ...(sha256 === undefined ? {} : { sha256 }),
  };
}

const wholeSha256 = /^[A-Za-z0-9+/]{43}=$/;

/** Hex of a whole object's digest; a multipart upload's (`…-3`) is one of its parts' digests, and is left out. */
const readSha256 = (header: string | string[] | undefined): string | undefined =>
  typeof header === "string" && wholeSha256.test(header)
    ? Buffer.from(header, "base64").toString("hex")
    : undefined;

/** @throws StoreUnavailableError where there is none, or it is no number of bytes */
export function readContentLength(what: string, header: string | undefined): number {
  if (header === undefined || !/^\d{1,15}$/.test(header))
    throw new StoreUnavailableError(`${what}: the store's answer does not say how long the object is`);
  return Number(header);
}
