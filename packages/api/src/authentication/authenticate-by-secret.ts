import { createHash, timingSafeEqual } from "node:crypto";
import type { onRequestAsyncHookHandler } from "fastify";
import { ApiError } from "../problems/api-error.ts";

const digestOf = (text: string): Buffer => createHash("sha256").update(text, "utf8").digest();

/** What a header can carry; shorter ones could be found by trying. */
const secretPattern = /^[\x21-\x7e]{32,1024}$/;

/**
 * A hook for a route that one other program calls, which has been given a secret: `Authorization: Bearer <secret>`.
 * Compared by digests, so that the time tells nothing of it.
 *
 * Throws RangeError for a secret that is not 32 to 1024 printable ASCII characters without spaces.
 */
export function authenticateBySecret(
  secret: string,
  { realm, detail }: { readonly realm: string; readonly detail: string },
): onRequestAsyncHookHandler {
  if (!secretPattern.test(secret)) throw new RangeError("a secret has 32 to 1024 printable characters");
  const expected = digestOf(secret);
  return async (request) => {
    const sent = /^Bearer ([\x21-\x7e]{1,1024})$/i.exec(request.headers.authorization ?? "")?.[1];
    if (sent !== undefined && timingSafeEqual(digestOf(sent), expected)) return;
    throw new ApiError("unauthenticated", detail, {
      headers: { "www-authenticate": `Bearer realm="${realm}"` },
    });
  };
}
