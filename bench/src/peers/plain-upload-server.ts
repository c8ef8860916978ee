// The peer of P2a: what a few lines of Node do for an upload that shall survive a power cut.
// node plain-upload-server.ts DIRECTORY PORT
import { createWriteStream } from "node:fs";
import { rename } from "node:fs/promises";
import http from "node:http";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

const [directory = "", port = ""] = process.argv.slice(2);

async function take(request: http.IncomingMessage): Promise<void> {
  const path = join(directory, (request.url ?? "").replaceAll(/[^a-z0-9]/g, ""));
  // `flush`: synced before it is closed.
  await pipeline(request, createWriteStream(`${path}.part`, { flags: "wx", flush: true }));
  await rename(`${path}.part`, path);
}

const server = http.createServer((request, response) => {
  take(request).then(
    () => response.writeHead(201, { "content-length": 0 }).end(),
    (error: unknown) => {
      process.stderr.write(`${error}\n`);
      response.destroy();
    },
  );
});
server.listen(Number(port), "127.0.0.1");
