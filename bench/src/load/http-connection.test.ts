import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { it } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { openConnection, requestHead } from "./http-connection.ts";

/** A server that answers each request with the next of `answers`, byte by byte. */
async function startServer(answers: readonly string[]) {
  let next = 0;
  const server = createServer(async (socket: Socket) => {
    socket.on("data", async () => {
      for (const byte of answers[next++] ?? "") {
        socket.write(byte);
        await delay(0);
      }
    });
    socket.on("error", () => socket.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { origin, [Symbol.asyncDispose]: async () => void server.close() };
}

it("takes answers that come byte by byte, one after the other, over one connection", async () => {
  await using server = await startServer([
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
    "HTTP/1.1 204 No Content\r\n\r\n",
    "HTTP/1.1 201 Created\r\ncontent-length: 0\r\n\r\n",
  ]);
  const connection = await openConnection(server.origin);
  const head = requestHead("GET", `${server.origin}/x?y=1`);
  assert.deepEqual(await connection.send({ head, keepBody: true }), {
    status: 200,
    bodyBytes: 3,
    body: "abc",
  });
  assert.deepEqual(await connection.send({ head }), { status: 204, bodyBytes: 0, body: "" });
  assert.deepEqual(await connection.send({ head }), { status: 201, bodyBytes: 0, body: "" });
  connection.close();
});

it("fails, rather than wait, where the connection is gone or the answer has no length", async () => {
  await using server = await startServer(["HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"]);
  const connection = await openConnection(server.origin);
  const head = requestHead("GET", server.origin);
  await assert.rejects(connection.send({ head }), /No content-length/);
  await assert.rejects(connection.send({ head }), /closed/);
});
