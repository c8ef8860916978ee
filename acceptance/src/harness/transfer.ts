import { createHash } from "node:crypto";
import type { PresignedRequest, Upload } from "./wire.ts";

export const sha256Of = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export interface StoreAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
}

/** Sends bytes by a presigned request, as a browser does. */
export async function sendBytes(request: PresignedRequest, bytes: Uint8Array): Promise<StoreAnswer> {
  const response = await fetch(request.url, {
    method: request.method,
    headers: request.headers,
    body: Uint8Array.from(bytes),
  });
  return {
    status: response.status,
    headers: response.headers,
    bytes: Buffer.from(await response.arrayBuffer()),
  };
}

/** Fetches by a presigned request or URL. */
export async function fetchBytes(
  request: PresignedRequest | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<StoreAnswer> {
  const response = await (typeof request === "string"
    ? fetch(request, { headers })
    : fetch(request.url, { method: request.method, headers: { ...request.headers, ...headers } }));
  return {
    status: response.status,
    headers: response.headers,
    bytes: Buffer.from(await response.arrayBuffer()),
  };
}

/** The presigned PUT of a pending upload; throws where it has none. */
export function putRequestOf(upload: Upload): PresignedRequest {
  const request = upload.transfer?.request;
  if (request === undefined) throw new Error(`Upload ${upload.id} (${upload.state}) came without a request.`);
  return request;
}
