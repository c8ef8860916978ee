import assert from "node:assert/strict";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { fetchJson, NoJsonError } from "./fetch-json.ts";

async function serve(t: TestContext, answer: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_request, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const longestMs = 8_000;

for (const [what, answer] of [
  ["says nothing", () => undefined],
  ["says no more than its headers", (response: ServerResponse) => response.flushHeaders()],
  [
    "says a byte now and then",
    (response: ServerResponse) => {
      const timer = setInterval(() => response.write(" "), 200);
      response.once("close", () => clearInterval(timer));
    },
  ],
] as const)
  test(`a server that ${what} is given up after five seconds`, async (t) => {
    const url = await serve(t, answer);
    const startMs = performance.now();
    await assert.rejects(fetchJson(url), NoJsonError);
    const tookMs = performance.now() - startMs;
    assert.ok(tookMs > 4_000 && tookMs < longestMs, `${tookMs} ms`);
  });

test("an answer that is small only while it is packed is refused", async (t) => {
  const bomb = gzipSync(Buffer.alloc(50_000_000, " "));
  const url = await serve(t, (response) => response.setHeader("content-encoding", "gzip").end(bomb));
  await assert.rejects(fetchJson(url), /more than 262144 bytes/);
});

test("a server that is not there is said to be", async () => {
  await assert.rejects(fetchJson("http://127.0.0.1:1/"), /can't be reached/);
});
