// The process that serves the embedded bucket, on its own origin.

import { createBucketServer, type NotificationOptions } from "@stowage/bucket";
import { landingPrefix } from "@stowage/core/keys";
import { bucketDirectory } from "./data-directory-places.ts";
import { bucketName, bucketRegion, type ProcessSetup } from "./process-setup.ts";
import { type ProcessContext, type RunningProcess, runProcess } from "./run-process.ts";
import { countBucketRequests } from "./telemetry/count-bucket-requests.ts";

/** Which path of the API takes events (packages/api, resources/store-events.ts). */
const storeEventsPath = "/v1/store-events";

/** Most clients say themselves that their bytes are there: what waits a little is seldom news, and costs next to nothing. */
function notificationsOf({ configuration, secrets, internalApiUrl }: ProcessSetup): NotificationOptions[] {
  const delaySeconds = configuration["bucket.eventDelaySeconds"];
  if (delaySeconds === 0) return [];
  return [
    {
      id: "landing",
      url: `${internalApiUrl}${storeEventsPath}`,
      bearerToken: secrets.storeEventsSecret,
      events: ["s3:ObjectCreated:*"],
      prefixes: [landingPrefix],
      delayMs: delaySeconds * 1000,
    },
  ];
}

async function start({ setup, logger, registry }: ProcessContext): Promise<RunningProcess> {
  const { configuration, secrets } = setup;
  const bucket = createBucketServer({
    directory: bucketDirectory(setup.dataDir),
    bucket: bucketName,
    region: bucketRegion,
    credentials: [
      {
        accessKeyId: secrets.bucketAccessKeyId,
        secretAccessKey: secrets.bucketSecretAccessKey,
        allow: "all",
      },
    ],
    masterKey: Buffer.from(secrets.masterKey, "base64"),
    corsOrigins: [setup.publicUrl, ...configuration.corsOrigins],
    notifications: notificationsOf(setup),
    // No expiry: what landed may wait for a worker as long as it has to (docs/decisions/0006).
    lifecycle: [
      {
        id: "unfinished-uploads",
        abortIncompleteMultipartUploadDays: configuration["bucket.abortMultipartsAfterDays"],
      },
    ],
    log: ({ level, msg, ...members }) => logger[level](members, msg),
  });
  countBucketRequests(registry, bucket.server);
  await bucket.listen({ host: configuration.host, port: setup.bucketPort });
  return { stop: () => bucket.close() };
}

runProcess("bucket", start);
