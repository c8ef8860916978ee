// The process that serves the embedded bucket, on its own origin.
import { createBucketServer } from "@stowage/bucket";
import { bucketDirectory } from "./adapters.ts";
import { bucketName, bucketRegion } from "./process-setup.ts";
import { type ProcessContext, type RunningProcess, runProcess } from "./run-process.ts";

async function start({ setup, logger }: ProcessContext): Promise<RunningProcess> {
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
    log: ({ level, msg, ...members }) => logger[level](members, msg),
  });
  await bucket.listen({ host: configuration.host, port: setup.bucketPort });
  return { stop: () => bucket.close() };
}

runProcess("bucket", start);
