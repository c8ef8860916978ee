import type { PresignedRequest, PresignPut } from "@stowage/core";
import type { createPresigner, SignableUrl } from "@stowage/sigv4";
import type { BucketAddress } from "./bucket-address.ts";
import { assertObjectKey } from "./object-key.ts";
import { presignedExpiryMs } from "./presigned-expiry.ts";

/** S3's largest object in a single PUT: 5 GiB. */
export const largestPutBytes = 5 * 1024 ** 3;

const sha256Pattern = /^[0-9a-f]{64}$/;

export interface PresignPutOptions {
  readonly address: BucketAddress;
  readonly presign: ReturnType<typeof createPresigner>;
  /**
   * Signs `x-amz-acl: private` too. For a store that acts on `x-amz-*` headers which were not signed: with one
   * ACL header signed, a bearer can neither change it nor add a grant besides.
   */
  readonly signsAcl: boolean;
}

/**
 * Presigns PUTs of exactly the bytes described, once. `host` and `content-length` are signed too; a client
 * sends these by itself.
 *
 * The function throws RangeError for a size or life out of range, TypeError for a key, digest or type that
 * could not be sent as signed.
 */
export function createPresignPut({ address, presign, signsAcl }: PresignPutOptions) {
  const addressOf = createAddressOf(address);
  return ({
    key,
    sizeBytes,
    contentType,
    sha256,
    expiresInSeconds,
    signedAtMs,
  }: PresignPut): PresignedRequest => {
    assertObjectKey(key);
    if (!Number.isInteger(sizeBytes) || sizeBytes < 0 || sizeBytes > largestPutBytes)
      throw new RangeError(`sizeBytes must be a whole number from 0 to ${largestPutBytes}`);
    if (!sha256Pattern.test(sha256)) throw new TypeError("sha256 must be 64 digits of lower-case hex");
    const expiresAtMs = presignedExpiryMs(signedAtMs, expiresInSeconds);
    const headers: Record<string, string> = {
      "content-type": contentType,
      "if-none-match": "*",
      "x-amz-checksum-sha256": Buffer.from(sha256, "hex").toString("base64"),
    };
    if (signsAcl) headers["x-amz-acl"] = "private";
    const url = presign({
      method: "PUT",
      url: addressOf(key),
      headers: { ...headers, "content-length": String(sizeBytes) },
      expiresInSeconds,
      signedAt: new Date(signedAtMs),
    });
    return { method: "PUT", url, headers, expiresAtMs };
  };
}

/** No parser changes anything of a key that the server makes: an address is read once for all of them. */
function createAddressOf(address: BucketAddress): (key: string) => SignableUrl {
  const anyKey = "key";
  const { protocol, host, pathname } = address(anyKey);
  const before = pathname.slice(0, -anyKey.length);
  return (key) => ({
    protocol,
    host,
    pathname: before + key,
    username: "",
    password: "",
    search: "",
    hash: "",
  });
}
