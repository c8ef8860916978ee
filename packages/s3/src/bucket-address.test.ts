import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createBucketAddress } from "./bucket-address.ts";

const addresses = (endpoint: string, pathStyle: boolean) => {
  const address = createBucketAddress({ endpoint, bucket: "my-bucket", pathStyle });
  return [address("a/b").href, address().href];
};

describe("the address of a bucket", () => {
  it("names the bucket in the path", () => {
    assert.deepEqual(addresses("http://127.0.0.1:9001", true), [
      "http://127.0.0.1:9001/my-bucket/a/b",
      "http://127.0.0.1:9001/my-bucket",
    ]);
    assert.deepEqual(addresses("https://[::1]:9001/", true)[0], "https://[::1]:9001/my-bucket/a/b");
  });

  it("names the bucket in the host", () => {
    assert.deepEqual(addresses("https://s3.eu-west-1.amazonaws.com", false), [
      "https://my-bucket.s3.eu-west-1.amazonaws.com/a/b",
      "https://my-bucket.s3.eu-west-1.amazonaws.com/",
    ]);
  });

  it("keeps the service's own path, and drops a port that goes without saying", () => {
    assert.deepEqual(addresses("https://example.com:443/storage/s3/", true), [
      "https://example.com/storage/s3/my-bucket/a/b",
      "https://example.com/storage/s3/my-bucket",
    ]);
  });

  it("refuses what no request could be sent to", () => {
    for (const endpoint of ["", "s3.example.com", "ftp://a", "https://u:p@a", "https://a?b", "https://a#b"])
      assert.throws(() => addresses(endpoint, true), TypeError, endpoint);
    for (const bucket of ["", "ab", "A-bucket", "a/b", "a..b", "-ab", "127.0.0.1", "a".repeat(64), "a?b"])
      assert.throws(
        () => createBucketAddress({ endpoint: "http://localhost", bucket, pathStyle: true }),
        TypeError,
        bucket,
      );
    for (const endpoint of ["http://127.0.0.1:9001", "http://[::1]:9001"])
      assert.throws(() => addresses(endpoint, false), TypeError, endpoint);
  });
});
