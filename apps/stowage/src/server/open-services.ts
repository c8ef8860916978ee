import { setTimeout as delay } from "node:timers/promises";
import { type MetadataStore, type ObjectStore, StoreUnavailableError } from "@stowage/core";
import { createS3ObjectStore } from "@stowage/s3";
import { createSqliteMetadataStore } from "@stowage/sql";
import { databaseFile } from "./data-directory-places.ts";
import { embeddedCapabilities } from "./embedded-capabilities.ts";
import { bucketName, bucketRegion, type ProcessSetup } from "./process-setup.ts";
import { identityKeyOf } from "./secrets.ts";

/** The bucket starts at the same time as we do: it gets this long to answer. */
const bucketStartTimeoutMs = 15_000;
const bucketRetryMs = 50;

/**
 * Opens the store over the embedded bucket once that answers. It is not probed: what it does is known, and a start
 * must also succeed where nothing can be written or the public origin is not reached from here (decision record 0004).
 */
export async function openObjectStore(setup: ProcessSetup): Promise<ObjectStore> {
  const store = createS3ObjectStore({
    endpoint: setup.internalBucketUrl,
    publicEndpoint: setup.bucketUrl,
    region: bucketRegion,
    bucket: bucketName,
    credentials: {
      accessKeyId: setup.secrets.bucketAccessKeyId,
      secretAccessKey: setup.secrets.bucketSecretAccessKey,
    },
    capabilities: embeddedCapabilities,
  });
  const deadlineMs = Date.now() + bucketStartTimeoutMs;
  for (;;) {
    try {
      await store.head("probe/readiness");
      return store;
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || Date.now() > deadlineMs) throw error;
      await delay(bucketRetryMs);
    }
  }
}

/** Opens the database, migrated. */
export const openMetadataStore = (
  setup: ProcessSetup,
  onLocked?: () => void,
): Promise<MetadataStore & { close(): Promise<void> }> =>
  createSqliteMetadataStore({
    file: databaseFile(setup.dataDir),
    identityKey: identityKeyOf(setup.secrets),
    ...(onLocked ? { onLocked } : {}),
  });
