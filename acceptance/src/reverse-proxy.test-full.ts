import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { after, before, test } from "node:test";
import { addPerson, type Person } from "./harness/add-person.ts";
import { freePortPair, freePorts } from "./harness/free-ports.ts";
import { type Server, startServer } from "./harness/start-server.ts";
import { pageHost, startTlsProxy, type TlsProxy } from "./harness/start-tls-proxy.ts";
import { emptyPromise } from "./harness/upload.ts";
import type { CreateAnswer, Problem } from "./harness/wire.ts";

let proxy: TlsProxy;
let server: Server;
let person: Person;

before(async () => {
  const [port = 0] = await freePorts(1);
  const apiPort = await freePortPair();
  proxy = await startTlsProxy({ port, apiPort, bucketPort: apiPort + 1 });
  const { publicUrl, bucketUrl } = proxy;
  server = await startServer({
    port: apiPort,
    args: ["--public-url", publicUrl, "--bucket-url", bucketUrl],
    set: { scanner: "none" },
  });
  person = await addPerson(server);
});
after(async () => {
  await server?.stop();
  await proxy?.stop();
});

/** `POST /v1/uploads` as the person, by the proxy. */
async function create(body: Buffer): Promise<{ readonly status: number; readonly json: unknown }> {
  const asked = request({
    host: "127.0.0.1",
    port: proxy.port,
    servername: pageHost,
    ca: proxy.authority,
    method: "POST",
    path: "/v1/uploads",
    headers: {
      host: new URL(proxy.publicUrl).host,
      authorization: `Bearer ${person.token}`,
      "content-type": "application/json",
      "content-length": body.length,
    },
  });
  const [answer] = (await once(asked.end(body), "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  return { status: answer.statusCode ?? 0, json: JSON.parse(Buffer.concat(chunks).toString("utf8")) };
}

test("the largest create that there is passes the documented proxy, and what is larger hears so from the API", async () => {
  const metadata = Object.fromEntries(
    Array.from({ length: 16 }, (_, n) => [`key-${n}`.padEnd(64, "k"), "v".repeat(1024)]),
  );
  const files = Array.from({ length: 100 }, () => ({
    ...emptyPromise(100, { name: "n".repeat(4096), ref: randomUUID().padEnd(128, "r") }),
    metadata,
  }));
  const largest = await create(Buffer.from(JSON.stringify({ files })));
  assert.equal(largest.status, 201, JSON.stringify(largest.json).slice(0, 500));
  assert.equal((largest.json as CreateAnswer).items.length, 100);
  const tooLarge = await create(Buffer.alloc(4.5 * 1024 * 1024, " "));
  assert.equal(tooLarge.status, 413);
  assert.equal((tooLarge.json as Problem).code, "body-too-large");
});
