// A bucket server in a process of its own, so that tests can kill or measure it: node bucket-process.ts DIRECTORY [OPTIONS].
import { createBucketServer } from "../bucket-server.ts";
import { testMasterKey } from "./stored-content.ts";
import { testBucketName, testCredentials, testRegion } from "./test-bucket.ts";

const [, , directory = "", options = "{}"] = process.argv;
const bucket = createBucketServer({
  directory,
  bucket: testBucketName,
  region: testRegion,
  credentials: [testCredentials],
  masterKey: testMasterKey,
  ...JSON.parse(options),
});
const { port } = await bucket.listen({ host: "127.0.0.1", port: 0 });
process.send?.({ port, pid: process.pid });
process.on("message", () => {
  bucket.server.getConnections((_, connections) => {
    process.send?.({ rssBytes: process.memoryUsage.rss(), connections });
  });
});
