import type { PresignedRequest, PresignGet } from "@stowage/core";
import type { createPresigner } from "@stowage/sigv4";
import type { BucketAddress } from "./bucket-address.ts";
import { assertObjectKey } from "./object-key.ts";
import { presignedExpiryMs } from "./presigned-expiry.ts";

const printableAscii = /^[\x20-\x7e]+$/;

export interface PresignGetOptions {
  readonly address: BucketAddress;
  readonly presign: ReturnType<typeof createPresigner>;
}

/**
 * Presigns GETs that are answered with the headers asked for
 * (https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html, response-*). The same input makes the
 * same URL.
 *
 * The function throws RangeError for a life out of range, TypeError for a key that the server does not make or
 * a header's value that is not printable ASCII.
 */
export function createPresignGet({ address, presign }: PresignGetOptions) {
  return (get: PresignGet): PresignedRequest => {
    assertObjectKey(get.key);
    const expiresAtMs = presignedExpiryMs(get.signedAtMs, get.expiresInSeconds);
    const url = address(get.key);
    const answered = [
      ["response-cache-control", get.responseCacheControl],
      ["response-content-disposition", get.responseContentDisposition],
      ["response-content-type", get.responseContentType],
    ] as const;
    for (const [name, value] of answered)
      if (!printableAscii.test(value)) throw new TypeError(`the value of ${name} is not printable ASCII`);
    url.search = answered.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
    return {
      method: "GET",
      url: presign({
        method: "GET",
        url,
        expiresInSeconds: get.expiresInSeconds,
        signedAt: new Date(get.signedAtMs),
      }),
      headers: {},
      expiresAtMs,
    };
  };
}
