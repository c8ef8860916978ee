import { setTimeout as delay } from "node:timers/promises";
import { type MetadataStore, type ObjectStore, StoreUnavailableError } from "@stowage/core";
import { createS3ObjectStore, probeObjectStore } from "@stowage/s3";
import { createSqliteMetadataStore } from "@stowage/sql";
import { databaseFile } from "./adapters.ts";
import { bucketName, bucketRegion, type ProcessSetup } from "./process-setup.ts";

/** The bucket starts at the same time as we do: it gets this long to answer. */
const bucketStartTimeoutMs = 15_000;
const bucketRetryMs = 50;

/** Opens the store over the embedded bucket, what it enforces found out by trying. */
export async function openObjectStore(setup: ProcessSetup): Promise<ObjectStore> {
  const options = {
    endpoint: setup.internalBucketUrl,
    publicEndpoint: setup.bucketUrl,
    region: bucketRegion,
    bucket: bucketName,
    credentials: {
      accessKeyId: setup.secrets.bucketAccessKeyId,
      secretAccessKey: setup.secrets.bucketSecretAccessKey,
    },
  };
  const deadlineMs = Date.now() + bucketStartTimeoutMs;
  for (;;) {
    try {
      return createS3ObjectStore({ ...options, capabilities: await probeObjectStore(options) });
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || Date.now() > deadlineMs) throw error;
      await delay(bucketRetryMs);
    }
  }
}

/** Opens the database, migrated. */
export const openMetadataStore = (setup: ProcessSetup): Promise<MetadataStore & { close(): Promise<void> }> =>
  createSqliteMetadataStore({ file: databaseFile(setup.dataDir) });
