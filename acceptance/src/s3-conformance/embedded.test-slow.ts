import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { startServer } from "../harness/start-server.ts";
import { describeConformance } from "./describe-conformance.ts";
import { embeddedDifferences } from "./embedded-differences.ts";

describeConformance({
  name: "the embedded bucket",
  differences: embeddedDifferences,
  async start() {
    const server = await startServer();
    const secrets: unknown = JSON.parse(await readFile(join(server.dataDir, "secrets.json"), "utf8"));
    const { bucketAccessKeyId, bucketSecretAccessKey } = secrets as Record<string, string>;
    if (bucketAccessKeyId === undefined || bucketSecretAccessKey === undefined)
      throw new Error("secrets.json has no credentials of the bucket.");
    return {
      endpoint: server.bucket,
      credentials: { accessKeyId: bucketAccessKeyId, secretAccessKey: bucketSecretAccessKey },
      bucket: "stowage",
      region: "us-east-1",
      allowedOrigin: server.web,
      stop: () => server.stop(),
    };
  },
});
