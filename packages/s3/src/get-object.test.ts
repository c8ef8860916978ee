import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { type ObjectBody, StoreRefusedError, StoreUnavailableError } from "@stowage/core";
import { answer, causedBy, fail, startScriptedServer } from "./scripted-server.testing.ts";

async function read(object: ObjectBody | undefined): Promise<Buffer> {
  assert.ok(object);
  const chunks: Uint8Array[] = [];
  for await (const chunk of object.body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

describe("a get", () => {
  it("tells a missing object from a missing bucket", async () => {
    await using server = await startScriptedServer(fail(404, "NoSuchKey"), fail(404, "NoSuchBucket"));
    assert.equal(await server.store().get("a"), undefined);
    await assert.rejects(server.store().get("a"), causedBy(StoreRefusedError, "NoSuchBucket", 404));
  });

  it("throws where the body breaks off", async () => {
    await using server = await startScriptedServer((response) => {
      response.writeHead(200, { "content-length": 1000 });
      response.write("x".repeat(500), () => response.socket?.destroy());
    });
    const object = await server.store().get("a");
    assert.equal(object?.sizeBytes, 1000);
    await assert.rejects(read(object), (error: Error) => {
      assert.ok(error instanceof StoreUnavailableError);
      assert.match(error.message, /broke off after \d+ of 1000 bytes/);
      return error.cause instanceof Error;
    });
    assert.equal(server.seen.length, 1, "a body that has begun is not asked for again");
  });

  it("throws where the body ends before its length, however politely", async () => {
    await using server = await startScriptedServer((response) => {
      const socket = response.socket;
      socket?.end("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\nonly this");
    });
    await assert.rejects(read(await server.store().get("a")), StoreUnavailableError);
  });

  it("throws where the store does not say how long the body is", async () => {
    await using server = await startScriptedServer((response) => response.writeHead(200).end("chunked"));
    await assert.rejects(server.store({ maxRetries: 0 }).get("a"), StoreUnavailableError);
  });

  it("throws where the body stalls", async () => {
    await using server = await startScriptedServer((response) => {
      response.writeHead(200, { "content-length": 1000 }).write("some");
    });
    const object = await server.store({ requestTimeoutMs: 200 }).get("a");
    await assert.rejects(read(object), (error: Error) => {
      assert.ok(error instanceof StoreUnavailableError);
      return (error.cause as { code?: unknown }).code === "http-silence";
    });
  });

  for (const sentBytes of [4, 2_000_000])
    it(`waits for a reader who takes longer than the store's timeout, and then times the store: ${sentBytes} bytes`, async () => {
      await using server = await startScriptedServer((response) => {
        response.writeHead(200, { "content-length": 2 * sentBytes }).write(Buffer.alloc(sentBytes));
      });
      const object = await server.store({ requestTimeoutMs: 200 }).get("a");
      assert.ok(object);
      let receivedBytes = 0;
      await assert.rejects(async () => {
        for await (const chunk of object.body) {
          if (receivedBytes === 0) await delay(500);
          receivedBytes += chunk.byteLength;
        }
      }, StoreUnavailableError);
      assert.equal(receivedBytes, sentBytes, "all that the store sent was read after the pause");
    });

  it("holds the store back while nobody reads", async () => {
    const chunk = Buffer.alloc(256 * 1024);
    const chunks = 64;
    let written = 0;
    await using server = await startScriptedServer((response) => {
      response.writeHead(200, { "content-length": chunk.byteLength * chunks });
      const write = () => {
        while (written < chunks) {
          written += 1;
          if (!response.write(chunk)) return;
        }
        response.end();
      };
      response.on("drain", write);
      write();
    });
    const object = await server.store().get("a");
    assert.ok(object);
    let receivedBytes = 0;
    for await (const part of object.body) {
      if (receivedBytes === 0) {
        await delay(50);
        assert.ok(written < chunks, `${written} of ${chunks} chunks went into a reader that had stopped`);
      }
      receivedBytes += part.byteLength;
    }
    assert.equal(receivedBytes, chunk.byteLength * chunks);
  });

  it("is tried again only until its signal is aborted", async () => {
    const controller = new AbortController();
    const reason = new Error("stopped");
    await using server = await startScriptedServer((response, request) => {
      controller.abort(reason);
      answer(503)(response, request);
    });
    await assert.rejects(server.store().get("a", { signal: controller.signal }), reason);
    assert.equal(server.seen.length, 1);
  });
});
