import { type ObjectBody, StoreUnavailableError } from "@stowage/core";
import { readContentLength } from "./head-object.ts";
import type { HttpAnswer } from "./http-connection.ts";
import { assertObjectKey } from "./object-key.ts";
import type { Retry } from "./retry.ts";
import { refused, type S3Send } from "./s3-send.ts";

/**
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html. Retried until an answer's head is there;
 * the body then comes as fast as it is read. Reading has to begin within the store's timeout.
 */
export function createGetObject({ send, retry }: { send: S3Send; retry: Retry }) {
  return async (
    key: string,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<ObjectBody | undefined> => {
    assertObjectKey(key);
    return retry(async () => {
      const answer = await send({ method: "GET", key, ...(signal ? { signal } : {}) });
      if (answer.kind === "ok") {
        const sizeBytes = readContentLength(`GET ${key}`, answer.answer.headers["content-length"]);
        return { sizeBytes, body: readBody(key, answer.answer, sizeBytes, signal) };
      }
      if (answer.error.code === "NoSuchKey") return undefined;
      throw refused(`GET ${key}`, answer.error);
    }, signal);
  };
}

/** node:http fails a body that ends before its content-length, so what comes to its end is whole. */
async function* readBody(
  key: string,
  answer: HttpAnswer,
  sizeBytes: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  let receivedBytes = 0;
  try {
    for await (const chunk of answer.body) {
      receivedBytes += chunk.byteLength;
      yield chunk;
    }
  } catch (cause) {
    signal?.throwIfAborted();
    throw new StoreUnavailableError(
      `GET ${key}: the store broke off after ${receivedBytes} of ${sizeBytes} bytes`,
      { cause },
    );
  }
}
