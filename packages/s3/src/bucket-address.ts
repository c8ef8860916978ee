import { isIP } from "node:net";

/** Where a bucket is. */
export interface BucketLocation {
  /** `https://s3.eu-central-1.amazonaws.com`, `http://127.0.0.1:9001`; may hold a path before the bucket's. */
  readonly endpoint: string;
  readonly bucket: string;
  /** Whether the bucket is named in the path (`true`) or as the first label of the host. */
  readonly pathStyle: boolean;
}

/** The URL of an object, or of the bucket where the key is left out. */
export type BucketAddress = (key?: string) => URL;

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html, but for reserved affixes.
const bucketName = /^[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]$/;

/** @throws TypeError for an endpoint or a bucket's name that no request could be sent to. */
export function createBucketAddress({ endpoint, bucket, pathStyle }: BucketLocation): BucketAddress {
  if (!bucketName.test(bucket) || bucket.includes("..") || isIP(bucket) !== 0)
    throw new TypeError(`not the name of a bucket: ${JSON.stringify(bucket)}`);
  const base = URL.parse(endpoint);
  if (base === null || (base.protocol !== "https:" && base.protocol !== "http:"))
    throw new TypeError(`the store's endpoint is not an http or https URL: ${JSON.stringify(endpoint)}`);
  if (base.username !== "" || base.password !== "" || base.search !== "" || base.hash !== "")
    throw new TypeError("the store's endpoint holds more than scheme, host, port and path");
  if (!pathStyle) {
    if (isIP(base.hostname.replace(/^\[|\]$/g, "")) !== 0)
      throw new TypeError("a bucket can't be named in the host of an endpoint that is an IP address");
    base.hostname = `${bucket}.${base.hostname}`;
  }
  const path = base.pathname.replace(/\/+$/, "");
  const root = `${base.origin}${path}${pathStyle ? `/${bucket}` : ""}`;
  // Without a key the bucket's own URL ends in a slash only where it has no path of its own.
  const bucketUrl = new URL(root).href;
  return (key) => new URL(key === undefined ? bucketUrl : `${root}/${key}`);
}
