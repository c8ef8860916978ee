import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { sendRaw } from "./raw-http.ts";

async function withServer(answer: RequestListener, use: (origin: string) => Promise<void>): Promise<void> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test("sends headers and body as given and reads answers with a length and in chunks", async () => {
  await withServer(
    async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const seen = JSON.stringify([
        request.method,
        request.url,
        request.headers["x-a"],
        String(Buffer.concat(chunks)),
      ]);
      if (request.url === "/length") response.setHeader("content-length", Buffer.byteLength(seen));
      response.end(seen);
    },
    async (origin) => {
      for (const target of ["/length", "/chunks"]) {
        const answer = await sendRaw(origin, {
          method: "PUT",
          target,
          headers: [
            ["X-A", "b"],
            ["Content-Length", "2"],
          ],
          body: [Buffer.from("hi")],
        });
        assert.equal(answer?.status, 200);
        assert.ok(answer.body.toString("utf8").includes(JSON.stringify(["PUT", target, "b", "hi"])));
      }
    },
  );
});

test("answers nothing where the server hangs up, and what was said where it hangs up early", async () => {
  await withServer(
    (request, response) => {
      if (request.url === "/silent") request.socket.destroy();
      else response.writeHead(403, { connection: "close", "content-length": 0 }).end();
    },
    async (origin) => {
      assert.equal(await sendRaw(origin, { method: "GET", target: "/silent" }), undefined);
      const early = await sendRaw(origin, {
        method: "PUT",
        target: "/early",
        headers: [["Content-Length", "1000000"]],
        body: [Buffer.alloc(1000)],
      });
      assert.equal(early?.status, 403);
    },
  );
});
