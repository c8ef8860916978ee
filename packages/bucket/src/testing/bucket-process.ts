// A bucket server in a process of its own, so that tests can kill it: node bucket-process.ts DIRECTORY.
import { createBucketServer } from "../bucket-server.ts";
import { testMasterKey } from "./stored-content.ts";
import { testBucketName, testCredentials, testRegion } from "./test-bucket.ts";

const [, , directory = ""] = process.argv;
const { port } = await createBucketServer({
  directory,
  bucket: testBucketName,
  region: testRegion,
  credentials: [testCredentials],
  masterKey: testMasterKey,
}).listen({ host: "127.0.0.1", port: 0 });
process.send?.({ port, pid: process.pid });
