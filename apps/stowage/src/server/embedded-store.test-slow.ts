import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createBucketServer } from "@stowage/bucket";
import { describeObjectStore } from "@stowage/core/testing";
import { createS3ObjectStore, examineObjectStore, probeObjectStore } from "@stowage/s3";
import { embeddedCapabilities } from "./embedded-capabilities.ts";

describeObjectStore("s3 over the embedded bucket", async () => {
  let aheadMs = 0;
  const directory = await mkdtemp(join(tmpdir(), "stowage-embedded-store-"));
  const credentials = { accessKeyId: "AKEMBEDDED", secretAccessKey: randomBytes(20).toString("hex") };
  const bucket = createBucketServer({
    directory: join(directory, "bucket"),
    bucket: "stowage",
    region: "us-east-1",
    credentials: [credentials],
    masterKey: randomBytes(32),
    corsOrigins: ["https://app.example"],
    now: () => new Date(Date.now() + aheadMs),
  });
  const { port } = await bucket.listen({ host: "127.0.0.1", port: 0 });
  const options = {
    endpoint: `http://127.0.0.1:${port}`,
    region: "us-east-1",
    bucket: "stowage",
    credentials,
    now: () => Date.now() + aheadMs,
  };
  const capabilities = await probeObjectStore(options);
  assert.deepEqual(capabilities, embeddedCapabilities);
  const findings = await examineObjectStore({ ...options, origins: ["https://app.example"] });
  assert.deepEqual(
    findings.filter(({ outcome }) => outcome !== "yes"),
    [],
  );
  assert.ok(findings.length > 15);
  return {
    store: createS3ObjectStore({ ...options, capabilities }),
    send: async ({ url, method, headers }, bytes) => {
      const response = await fetch(url, { method, headers, body: Buffer.from(bytes) });
      await response.arrayBuffer();
      return response.status;
    },
    fetchBytes: async ({ url, method, headers }) => {
      const response = await fetch(url, { method, headers });
      return {
        status: response.status,
        bytes: new Uint8Array(await response.arrayBuffer()),
        headers: response.headers,
      };
    },
    advance: (ms) => {
      aheadMs += ms;
    },
    close: async () => {
      await bucket.close();
      await rm(directory, { recursive: true });
    },
  };
});
