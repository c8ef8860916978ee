import type { ObjectStore } from "@stowage/core";
import { StoreUnavailableError } from "@stowage/core";
import { createHttpConnection } from "./http-connection.ts";
import { readText } from "./s3-send.ts";

/** Of a Content-Security-Policy: https://www.w3.org/TR/CSP3/#directive-sandbox. */
const sandboxDirective = /(?:^|[;,])\s*sandbox\s*(?:[ ;,]|$)/i;

/**
 * Whether an object is given out with `nosniff` and a sandboxing policy where clients reach it; no, where they are not
 * reached from here.
 */
export async function answersSecurityHeaders(
  store: ObjectStore,
  key: string,
  { requestTimeoutMs = 10_000, now = Date.now }: { readonly requestTimeoutMs?: number; now?(): number },
): Promise<boolean> {
  const { url } = store.presignGet({
    key,
    expiresInSeconds: 60,
    signedAtMs: now(),
    responseContentType: "application/octet-stream",
    responseContentDisposition: "attachment",
    responseCacheControl: "no-store",
  });
  const connection = createHttpConnection({ timeoutMs: requestTimeoutMs });
  const what = "a presigned GET of the probe";
  try {
    const answer = await connection({ method: "GET", url: new URL(url), headers: {} }).catch(
      (cause: unknown) => {
        throw new StoreUnavailableError(`${what}: the store did not answer`, { cause });
      },
    );
    await readText(answer, 64 * 1024, what);
    return (
      answer.status === 200 &&
      String(answer.headers["x-content-type-options"]).toLowerCase() === "nosniff" &&
      sandboxDirective.test(String(answer.headers["content-security-policy"] ?? ""))
    );
  } catch (error) {
    if (error instanceof StoreUnavailableError) return false;
    throw error;
  }
}
