import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { WireRequest } from "@stowage/protocol";
import { createScriptedMultiparts, type SignedPart } from "./scripted-multiparts.contract.ts";
import type { Reply } from "./scripted-reply.contract.ts";

interface Expected {
  readonly sizeBytes: number;
  readonly contentType: string;
  readonly sha256: string;
}

/** What a URL was signed for. */
type Signed =
  | { readonly method: "GET" }
  | { readonly method: "PUT"; readonly expected: Expected }
  | { readonly method: "PUT"; readonly part: SignedPart };

/**
 * As much of an S3 store as a client sees of it: presigned PUTs, of parts too, that are held to what was signed, and
 * GETs.
 */
export interface ScriptedStore {
  presignPut(key: string, expected: Expected): WireRequest;
  presignPart(key: string, part: SignedPart): WireRequest;
  presignGet(key: string): WireRequest;
  /** Makes a request that was minted unusable; `path` is its URL without the origin. */
  expire(path: string): void;
  readonly objects: Map<string, Buffer>;
  readonly multiparts: ReturnType<typeof createScriptedMultiparts>;
  /** How often a PUT was stored under any key. */
  readonly storedCount: () => number;
  answer(request: IncomingMessage, url: URL, body: Buffer): Reply;
}

export function createScriptedStore(origin: () => string): ScriptedStore {
  const objects = new Map<string, Buffer>();
  const multiparts = createScriptedMultiparts(objects);
  const signatures = new Map<string, { readonly key: string; readonly signed: Signed }>();
  let stored = 0;

  const presign = (key: string, signed: Signed, headers: Record<string, string>): WireRequest => {
    const signature = randomUUID();
    signatures.set(signature, { key, signed });
    const { method } = signed;
    const part = "part" in signed ? `partNumber=${signed.part.partNumber}&` : "";
    const url = `${origin()}/bucket/${key}?${part}X-Amz-Signature=${signature}`;
    return { method, url, headers, expiresInSeconds: 600 };
  };
  const checksumHeader = (sha256: string) => ({
    "x-amz-checksum-sha256": Buffer.from(sha256, "hex").toString("base64"),
  });

  const put = ({ headers }: IncomingMessage, key: string, expected: Expected, body: Buffer): Reply => {
    const asSigned =
      headers["content-type"] === expected.contentType &&
      headers["x-amz-checksum-sha256"] === Buffer.from(expected.sha256, "hex").toString("base64") &&
      headers["if-none-match"] === "*" &&
      headers["content-length"] === String(expected.sizeBytes) &&
      headers.authorization === undefined;
    if (!asSigned) return storeError(403, "SignatureDoesNotMatch");
    if (objects.has(key)) return storeError(412, "PreconditionFailed");
    if (createHash("sha256").update(body).digest("hex") !== expected.sha256)
      return storeError(400, "BadDigest");
    objects.set(key, body);
    stored += 1;
    return { status: 200, body: "" };
  };

  return {
    objects,
    multiparts,
    storedCount: () => stored,
    presignPut: (key, expected) =>
      presign(
        key,
        { method: "PUT", expected },
        {
          "content-type": expected.contentType,
          ...checksumHeader(expected.sha256),
          "if-none-match": "*",
        },
      ),
    presignPart: (key, part) => ({
      ...presign(key, { method: "PUT", part }, checksumHeader(part.sha256)),
      partNumber: part.partNumber,
    }),
    presignGet: (key) => presign(key, { method: "GET" }, {}),
    expire(path) {
      signatures.delete(new URL(path, origin()).searchParams.get("X-Amz-Signature") ?? "");
    },
    answer(request, url, body) {
      const signature = signatures.get(url.searchParams.get("X-Amz-Signature") ?? "");
      const key = url.pathname.slice("/bucket/".length);
      if (signature?.key !== key || signature.signed.method !== request.method)
        return storeError(403, "AccessDenied");
      const { signed } = signature;
      if ("part" in signed) return multiparts.put(request, signed.part, body);
      if ("expected" in signed) return put(request, key, signed.expected, body);
      const object = objects.get(key);
      return object ? rangeOf(object, request.headers.range) : storeError(404, "NoSuchKey");
    },
  };
}

/** All of an object, or what follows an offset: no other ranges are asked for. */
function rangeOf(object: Buffer, range: string | undefined): Reply {
  const from = /^bytes=(\d+)-$/.exec(range ?? "")?.[1];
  if (from === undefined) return { status: 200, body: object };
  const headers = { "content-range": `bytes ${from}-${object.length - 1}/${object.length}` };
  return { status: 206, headers, body: object.subarray(Number(from)) };
}

export const storeError = (status: number, code: string): Reply => ({
  status,
  headers: { "content-type": "application/xml" },
  body: `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code></Error>`,
});
