import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type ObjectStoreCapabilities, StoreRefusedError, StoreUnavailableError } from "@stowage/core";
import type { S3ObjectStoreOptions } from "./create-s3-object-store.ts";
import { startFakeS3 } from "./fake-s3.testing.ts";
import { probeObjectStore } from "./probe-object-store.ts";
import { causedBy, credentials } from "./scripted-server.testing.ts";

const strict: ObjectStoreCapabilities = {
  enforcesChecksum: true,
  enforcesIfNoneMatch: true,
  enforcesSignedHeaders: true,
  setsSecurityHeaders: true,
};

const optionsOf = (
  { endpoint }: { endpoint: string },
  more: Partial<S3ObjectStoreOptions> = {},
): S3ObjectStoreOptions => ({ endpoint, region: "us-east-1", bucket: "bucket", credentials, ...more });

describe("a probe", () => {
  it("finds what a store enforces, each ability by itself, and leaves nothing behind", async () => {
    for (let bits = 0; bits < 16; bits += 1) {
      const capabilities: ObjectStoreCapabilities = {
        enforcesChecksum: (bits & 1) !== 0,
        enforcesIfNoneMatch: (bits & 2) !== 0,
        enforcesSignedHeaders: (bits & 4) !== 0,
        setsSecurityHeaders: (bits & 8) !== 0,
      };
      await using fake = await startFakeS3(capabilities);
      assert.deepEqual(await probeObjectStore(optionsOf(fake)), capabilities);
      assert.deepEqual(fake.keys(), []);
    }
  });

  it("finds the same over a store that fails now and then", async () => {
    for (let failures = 1; failures <= 3; failures += 1) {
      await using fake = await startFakeS3(strict);
      fake.outage = failures;
      assert.deepEqual(await probeObjectStore(optionsOf(fake)), strict);
      assert.deepEqual(fake.keys(), []);
    }
  });

  it("asks the public endpoint for the headers, and takes an endpoint out of reach for one without", async () => {
    await using fake = await startFakeS3({ ...strict, setsSecurityHeaders: false });
    const gone = await startFakeS3(strict);
    await gone[Symbol.asyncDispose]();
    const found = await probeObjectStore(optionsOf(fake, { publicEndpoint: gone.endpoint, maxRetries: 0 }));
    assert.deepEqual(found, { ...strict, setsSecurityHeaders: false });
    await using plain = await startFakeS3(strict);
    const swapped = await probeObjectStore(optionsOf(plain, { publicEndpoint: fake.endpoint }));
    assert.equal(swapped.setsSecurityHeaders, false);
    assert.deepEqual(plain.keys(), []);
  });

  it("throws where the store refuses what is in order", async () => {
    await using fake = await startFakeS3(strict);
    const wrong = { ...credentials, secretAccessKey: "another" };
    await assert.rejects(
      probeObjectStore(optionsOf(fake, { credentials: wrong })),
      causedBy(StoreRefusedError, "SignatureDoesNotMatch", 403),
    );
  });

  it("throws where the store can't be reached, or keeps failing", async () => {
    const fake = await startFakeS3(strict);
    fake.outage = 100;
    await assert.rejects(
      probeObjectStore(optionsOf(fake, { maxRetries: 1 })),
      causedBy(StoreUnavailableError, "SlowDown", 503),
    );
    await fake[Symbol.asyncDispose]();
    await assert.rejects(probeObjectStore(optionsOf(fake, { maxRetries: 1 })), StoreUnavailableError);
  });
});
