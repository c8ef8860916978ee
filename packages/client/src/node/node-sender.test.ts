import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { truncate, unlink, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { temporaryFolder } from "../testing/temporary-folder.contract.ts";
import { nodeDigest } from "./node-digest.ts";
import { createNodeSender } from "./node-sender.ts";
import { nodeSource } from "./node-source.ts";

const mebibyte = 1024 * 1024;

async function setUp(t: TestContext, answer: RequestListener, sizeBytes = 3 * mebibyte) {
  const server = createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const absolutePath = join(await temporaryFolder(t), "file.bin");
  await writeFile(absolutePath, Buffer.alloc(sizeBytes, 7));
  const file = await nodeSource(absolutePath);
  const controller = new AbortController();
  const sent: number[] = [];
  const send = createNodeSender();
  const put = () =>
    send(
      {
        method: "PUT",
        url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/bucket/key`,
        headers: { "content-type": "application/octet-stream", "if-none-match": "*" },
        expiresInSeconds: 600,
      },
      file,
      { onSent: (bytes) => sent.push(bytes), signal: controller.signal },
    );
  return { file, absolutePath, controller, sent, put };
}

for (const sizeBytes of [0, 1, 3 * mebibyte + 1])
  test(`sends ${sizeBytes} bytes with their length and the headers that were signed`, async (t) => {
    let received = 0;
    let headers: Record<string, unknown> = {};
    const { put, sent } = await setUp(
      t,
      (request, response) => {
        headers = request.headers;
        request.on("data", (piece: Buffer) => {
          received += piece.length;
        });
        request.on("end", () => response.writeHead(200).end("stored"));
      },
      sizeBytes,
    );
    assert.deepEqual(await put(), { status: 200, retryAfter: undefined, body: "stored" });
    assert.equal(received, sizeBytes);
    assert.equal(sent.at(-1) ?? 0, sizeBytes);
    assert.equal(headers["content-length"], String(sizeBytes));
    assert.equal(headers["if-none-match"], "*");
    assert.equal(headers["transfer-encoding"], undefined);
  });

test("takes an answer that comes before everything was sent", async (t) => {
  const { put } = await setUp(
    t,
    (_request, response) => {
      response.writeHead(503, { "retry-after": "3" }).end("<Error><Code>SlowDown</Code></Error>");
    },
    20 * mebibyte,
  );
  assert.deepEqual(await put(), {
    status: 503,
    retryAfter: "3",
    body: "<Error><Code>SlowDown</Code></Error>",
  });
});

test("tells a broken connection from a file that changed or is gone", async (t) => {
  const broken = await setUp(t, (request) => request.socket.destroy());
  await assert.rejects(
    broken.put(),
    (error: Error) => !("code" in error) || error.name !== "FileChangedError",
  );

  const waiting: RequestListener = (request, response) => request.resume().on("end", () => response.end());
  const shrunk = await setUp(t, waiting);
  await truncate(shrunk.absolutePath, mebibyte);
  await assert.rejects(shrunk.put(), { name: "FileChangedError", code: "file-changed" });

  const gone = await setUp(t, waiting);
  await unlink(gone.absolutePath);
  await assert.rejects(gone.put(), { name: "FileUnreadableError", code: "file-unreadable" });
});

test("ends when it is aborted", async (t) => {
  const { put, controller } = await setUp(t, () => controller.abort());
  await assert.rejects(put());
});

test("hashes a file to its very end, telling how far it is", async (t) => {
  const { file, absolutePath } = await setUp(t, () => undefined, 2 * mebibyte);
  const read: number[] = [];
  const sha256 = await nodeDigest.sha256(file, (bytes) => read.push(bytes));
  assert.equal(
    sha256,
    createHash("sha256")
      .update(Buffer.alloc(2 * mebibyte, 7))
      .digest("hex"),
  );
  assert.deepEqual(read, [mebibyte, 2 * mebibyte]);
  await unlink(absolutePath);
  await assert.rejects(
    nodeDigest.sha256(file, () => undefined),
    { code: "file-unreadable" },
  );
});
