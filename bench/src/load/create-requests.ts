import { randomBytes } from "node:crypto";
import { at } from "./at.ts";
import { requestHead } from "./http-connection.ts";
import type { Prepared } from "./send-prepared.ts";

/** As `@stowage/client` makes them: the time, and 80 random bits. */
const refOf = (): string => `0${Date.now().toString(16)}${randomBytes(10).toString("hex")}`;

/** Creates of uploads, made before the clock starts. */
export interface CreateRequests {
  readonly origin: string;
  /** Whose they are, in turn. */
  readonly tokens: readonly string[];
  readonly count: number;
  readonly filesEach: number;
}

/** `POST /v1/uploads` as the SDKs send it: photographs of some megabytes, each with a ref and a digest of its own. */
export function createRequests({ origin, tokens, count, filesEach }: CreateRequests): Prepared[] {
  return Array.from({ length: count }, (_, request) => {
    const files = Array.from({ length: filesEach }, () => ({
      ref: refOf(),
      name: `IMG_${String(request).padStart(6, "0")}.jpg`,
      sizeBytes: 2_000_000 + request,
      contentType: "image/jpeg",
      sha256: randomBytes(32).toString("hex"),
    }));
    const body = JSON.stringify({ files });
    const head = requestHead("POST", `${origin}/v1/uploads`, {
      authorization: `Bearer ${at(tokens, request % tokens.length)}`,
      "content-type": "application/json",
      "content-length": String(body.length),
    });
    // In one piece, since all of it is ASCII: one call of the kernel for the load.
    return { head: head + body };
  });
}
