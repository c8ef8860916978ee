import { createHash, randomBytes, randomUUID } from "node:crypto";
import {
  type ObjectStoreCapabilities,
  type PresignedRequest,
  StoreRefusedError,
  StoreUnavailableError,
} from "@stowage/core";
import { answersSecurityHeaders } from "./answers-security-headers.ts";
import { createS3ObjectStore, type S3ObjectStoreOptions } from "./create-s3-object-store.ts";
import { createHttpConnection } from "./http-connection.ts";
import { createRetry } from "./retry.ts";
import type { S3AnswerError } from "./s3-answer-error.ts";
import { judgeAnswer, readText } from "./s3-send.ts";

const probeBytes = 64;

/**
 * Finds out what a store enforces, by presigned requests that it ought to refuse, under keys `probe/…` which
 * are deleted in the end. PUTs go to `endpoint`; the GET goes to `publicEndpoint`, where a CDN may add the
 * headers, and counts as without them where that can't be reached from here.
 *
 * @throws StoreUnavailableError where the store can't be reached or fails; StoreRefusedError where it refuses a
 *   presigned PUT that is in order, or to delete what was put
 */
export async function probeObjectStore(options: S3ObjectStoreOptions): Promise<ObjectStoreCapabilities> {
  const { endpoint, requestTimeoutMs = 10_000, maxRetries = 3, now = Date.now } = options;
  const store = createS3ObjectStore({ ...options, publicEndpoint: endpoint, capabilities: {} });
  const connection = createHttpConnection({ timeoutMs: requestTimeoutMs });
  const retry = createRetry({ maxRetries, windowMs: requestTimeoutMs });
  const keys: string[] = [];
  const newKey = (): string => {
    const key = `probe/${randomUUID()}`;
    keys.push(key);
    return key;
  };

  const presign = (key: string, bytes: Uint8Array): PresignedRequest =>
    store.presignPut({
      key,
      sizeBytes: bytes.byteLength,
      contentType: "application/octet-stream",
      sha256: createHash("sha256").update(bytes).digest("hex"),
      expiresInSeconds: 60,
      signedAtMs: now(),
    });

  /** What the store refused the PUT with; `undefined` where it took it. */
  const send = async (
    request: PresignedRequest,
    body: Uint8Array,
    unsigned: Readonly<Record<string, string>> = {},
  ): Promise<S3AnswerError | undefined> => {
    const what = "a presigned PUT of the probe";
    const headers = { ...request.headers, ...unsigned, "content-length": String(body.byteLength) };
    const sent = connection({ method: "PUT", url: new URL(request.url), headers, body });
    const answer = await judgeAnswer(what, "PUT", await sent.catch(unreachable(what)));
    if (answer.kind === "refused") return answer.error;
    await readText(answer.answer, 64 * 1024, what);
    return undefined;
  };

  const [bytes, others] = [randomBytes(probeBytes), randomBytes(probeBytes)];
  const probe = async (): Promise<ObjectStoreCapabilities> => {
    const takenKey = await retry(async () => {
      const key = newKey();
      const refusal = await send(presign(key, bytes), bytes);
      if (refusal === undefined) return key;
      throw new StoreRefusedError(`the store refused a presigned PUT that is in order: ${refusal.message}`, {
        cause: refusal,
      });
    });
    return {
      enforcesChecksum: await retry(async () => (await send(presign(newKey(), bytes), others)) !== undefined),
      enforcesIfNoneMatch: await retry(
        async () => (await send(presign(takenKey, others), others)) !== undefined,
      ),
      enforcesSignedHeaders: await retry(
        async () => (await send(presign(newKey(), bytes), bytes, { "x-amz-meta-probe": "1" })) !== undefined,
      ),
      setsSecurityHeaders: await answersSecurityHeaders(createS3ObjectStore(options), takenKey, options),
    };
  };

  let capabilities: ObjectStoreCapabilities;
  try {
    capabilities = await probe();
  } catch (error) {
    await Promise.allSettled(keys.map((key) => store.delete(key)));
    throw error;
  }
  await Promise.all(keys.map((key) => store.delete(key)));
  return capabilities;
}

function unreachable(what: string): (cause: unknown) => never {
  return (cause) => {
    throw new StoreUnavailableError(`${what}: the store did not answer`, { cause });
  };
}
