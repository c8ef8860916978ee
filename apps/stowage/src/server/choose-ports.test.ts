import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import { test } from "node:test";
import { choosePorts } from "./choose-ports.ts";

const listen = (server: Server, wanted = 0) =>
  new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(wanted, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });

const close = (server: Server) => new Promise((resolve) => server.close(resolve));

/** A server on a port whose neighbours are free. */
async function listenBetweenFreePorts(): Promise<{ server: Server; port: number }> {
  for (;;) {
    const server = createServer();
    const port = await listen(server);
    try {
      for (const neighbour of [port - 1, port + 1]) {
        const other = createServer();
        await listen(other, neighbour);
        await close(other);
      }
      return { server, port };
    } catch {
      // Somebody else has it: look elsewhere.
      await close(server);
    }
  }
}

test("0 takes two free ports that no outgoing connection is given", async () => {
  for (let start = 0; start < 50; start += 1) {
    const { apiPort, bucketPort } = await choosePorts("127.0.0.1", 0);
    assert.notEqual(apiPort, bucketPort);
    for (const port of [apiPort, bucketPort]) assert.ok(port >= 10_000 && port < 32_768, `${port}`);
  }
});

test("an address that is not this machine's is said to be none to listen on", async () => {
  await assert.rejects(
    choosePorts("192.0.2.1", 0),
    /Can't listen on 192\.0\.2\.1:0 for the API \(EADDRNOTAVAIL\)/,
  );
});

test("a busy port is named, with what it was for", async () => {
  const { server, port } = await listenBetweenFreePorts();
  try {
    await assert.rejects(
      choosePorts("127.0.0.1", port),
      new RegExp(`Port ${port} on 127.0.0.1, for the API, is busy`),
    );
    await assert.rejects(
      choosePorts("127.0.0.1", port - 1),
      new RegExp(`Port ${port} on 127.0.0.1, for the bucket, is busy`),
    );
  } finally {
    server.close();
  }
});

test("a port that is given up within moments is waited for, as a killed server's is", async () => {
  const { server, port } = await listenBetweenFreePorts();
  const released = new Promise<void>((resolve) => {
    // Long enough for a first try to have failed: the wait between two tries is 100 ms.
    setTimeout(() => server.close(() => resolve()), 300);
  });
  const { apiPort } = await choosePorts("127.0.0.1", port);
  await released;
  assert.equal(apiPort, port);
});
