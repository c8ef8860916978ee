import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { WireRequest } from "@stowage/protocol";
import type { Reply } from "./scripted-reply.contract.ts";

interface Expected {
  readonly sizeBytes: number;
  readonly contentType: string;
  readonly sha256: string;
}

/** As much of an S3 store as a client sees of it: presigned PUTs that are held to what was signed, and GETs. */
export interface ScriptedStore {
  presignPut(key: string, expected: Expected): WireRequest;
  presignGet(key: string): WireRequest;
  /** Makes a request that was minted unusable; `path` is its URL without the origin. */
  expire(path: string): void;
  readonly objects: Map<string, Buffer>;
  /** How often a PUT was stored under any key. */
  readonly storedCount: () => number;
  answer(request: IncomingMessage, url: URL, body: Buffer): Reply;
}

export function createScriptedStore(origin: () => string): ScriptedStore {
  const objects = new Map<string, Buffer>();
  const signatures = new Map<string, { readonly key: string; readonly expected?: Expected }>();
  let stored = 0;

  const presign = (method: "PUT" | "GET", key: string, expected?: Expected): WireRequest => {
    const signature = randomUUID();
    signatures.set(signature, { key, ...(expected && { expected }) });
    return {
      method,
      url: `${origin()}/bucket/${key}?X-Amz-Signature=${signature}`,
      headers: expected
        ? {
            "content-type": expected.contentType,
            "x-amz-checksum-sha256": Buffer.from(expected.sha256, "hex").toString("base64"),
            "if-none-match": "*",
          }
        : {},
      expiresInSeconds: 600,
    };
  };

  const put = (request: IncomingMessage, key: string, expected: Expected, body: Buffer): Reply => {
    const { headers } = request;
    const signed =
      headers["content-type"] === expected.contentType &&
      headers["x-amz-checksum-sha256"] === Buffer.from(expected.sha256, "hex").toString("base64") &&
      headers["if-none-match"] === "*" &&
      headers["content-length"] === String(expected.sizeBytes) &&
      headers.authorization === undefined;
    if (!signed) return storeError(403, "SignatureDoesNotMatch");
    if (objects.has(key)) return storeError(412, "PreconditionFailed");
    if (createHash("sha256").update(body).digest("hex") !== expected.sha256)
      return storeError(400, "BadDigest");
    objects.set(key, body);
    stored += 1;
    return { status: 200, body: "" };
  };

  return {
    objects,
    storedCount: () => stored,
    presignPut: (key, expected) => presign("PUT", key, expected),
    presignGet: (key) => presign("GET", key),
    expire(path) {
      signatures.delete(new URL(path, origin()).searchParams.get("X-Amz-Signature") ?? "");
    },
    answer(request, url, body) {
      const signature = signatures.get(url.searchParams.get("X-Amz-Signature") ?? "");
      const key = url.pathname.slice("/bucket/".length);
      if (signature?.key !== key) return storeError(403, "AccessDenied");
      if (request.method === "PUT" && signature.expected) return put(request, key, signature.expected, body);
      const object = objects.get(key);
      if (request.method !== "GET" || !object) return storeError(404, "NoSuchKey");
      return { status: 200, body: object };
    },
  };
}

export const storeError = (status: number, code: string): Reply => ({
  status,
  headers: { "content-type": "application/xml" },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`,
});
