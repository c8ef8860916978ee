import { StoreRefusedError, StoreUnavailableError, type StreamedBody } from "@stowage/core";
import type { createHeaderSigner } from "@stowage/sigv4";
import type { BucketAddress } from "./bucket-address.ts";
import { BodyUnreadableError, type createHttpConnection, type HttpAnswer } from "./http-connection.ts";
import { createS3AnswerError, isTransient, readErrorElement, type S3AnswerError } from "./s3-answer-error.ts";

export interface S3Request {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  /** Left out for the bucket. */
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Sent and signed; in lower case. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | StreamedBody;
  /** Lower-case hex of the body. Default: that of no bytes. */
  readonly sha256?: string;
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** A 2xx, its body not read yet; or what S3 said no with, read to its end. */
export type S3Answer =
  | { readonly kind: "ok"; readonly answer: HttpAnswer }
  | { readonly kind: "refused"; readonly error: S3AnswerError };

/**
 * One attempt at a request. Rejects with StoreUnavailableError for what may pass: no answer, a transient error,
 * or an answer that no S3 service gives (a proxy's page); with the reason of the request's signal.
 */
export type S3Send = (request: S3Request) => Promise<S3Answer>;

const sha256OfNothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** Errors are a few hundred bytes. */
const largestErrorBytes = 64 * 1024;

export function createS3Send(options: {
  readonly address: BucketAddress;
  readonly sign: ReturnType<typeof createHeaderSigner>;
  readonly connection: ReturnType<typeof createHttpConnection>;
  readonly now: () => number;
}): S3Send {
  return async ({ method, key, query, headers = {}, body, sha256 = sha256OfNothing, timeoutMs, signal }) => {
    const url = options.address(key);
    if (query !== undefined) url.search = new URLSearchParams(query).toString();
    const signed = options.sign({
      method,
      url,
      headers,
      payloadSha256: sha256,
      signedAt: new Date(options.now()),
    });
    if (method === "PUT" || method === "POST") signed["content-length"] = String(body?.byteLength ?? 0);
    const what = `${method} ${key ?? "the bucket"}`;
    let answer: HttpAnswer;
    try {
      answer = await options.connection({
        method,
        url,
        headers: signed,
        ...(body === undefined ? {} : { body }),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (cause) {
      signal?.throwIfAborted();
      if (cause instanceof BodyUnreadableError) throw cause.cause;
      throw new StoreUnavailableError(`${what}: the store did not answer`, { cause });
    }
    return judgeAnswer(what, method, answer, signal);
  };
}

/** Reads what an answer means for the request `what`; rejects as {@link S3Send} does. */
export async function judgeAnswer(
  what: string,
  method: string,
  answer: HttpAnswer,
  signal?: AbortSignal,
): Promise<S3Answer> {
  if (answer.status >= 200 && answer.status < 300) return { kind: "ok", answer };
  const text = await readText(answer, largestErrorBytes, what, signal);
  const requestId = answer.headers["x-amz-request-id"];
  const error = createS3AnswerError(
    answer.status,
    readErrorElement(text),
    typeof requestId === "string" ? requestId : undefined,
  );
  if (isTransient(error))
    throw new StoreUnavailableError(`${what}: the store failed: ${error.message}`, { cause: error });
  // A 412 says all by its status; any other refusal without S3's words comes from something in between.
  if (error.code === undefined && method !== "HEAD" && answer.status !== 412)
    throw new StoreUnavailableError(`${what}: what answered is no S3 service: ${error.message}`, {
      cause: error,
    });
  return { kind: "refused", error };
}

export function refused(what: string, error: S3AnswerError): StoreRefusedError {
  return new StoreRefusedError(`${what}: the store refused: ${error.message}`, { cause: error });
}

/**
 * An answer's whole body.
 *
 * @throws StoreUnavailableError where it breaks off, or is longer than any S3 service's
 */
export async function readText(
  answer: HttpAnswer,
  largestBytes: number,
  what: string,
  signal?: AbortSignal,
): Promise<string> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of answer.body) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > largestBytes) break;
      chunks.push(chunk);
    }
  } catch (cause) {
    signal?.throwIfAborted();
    throw new StoreUnavailableError(`${what}: the store's answer broke off`, { cause });
  }
  if (sizeBytes > largestBytes)
    throw new StoreUnavailableError(`${what}: the store's answer is longer than ${largestBytes} bytes`);
  return Buffer.concat(chunks).toString("utf8");
}
