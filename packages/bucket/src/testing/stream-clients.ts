import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { rawHead, type TestBucket } from "./test-bucket.ts";

const pieceBytes = 64 * 1024;
/** What all clients send; made once, so that the clients cost little. */
const piece = Buffer.alloc(pieceBytes, "any content ");

/** Puts `sizeBytes` under a key by a connection of its own, as fast as the server takes them. Resolves with the status. */
export async function streamPut(
  client: Pick<TestBucket, "presign">,
  key: string,
  sizeBytes: number,
): Promise<number> {
  const headers = { "content-length": String(sizeBytes) };
  const url = client.presign("PUT", key, headers);
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  await once(socket, "connect");
  socket.write(rawHead("PUT", url, { ...headers, connection: "close" }));
  for (let left = sizeBytes; left > 0; left -= pieceBytes)
    if (!socket.write(piece.subarray(0, Math.min(left, pieceBytes)))) await once(socket, "drain");
  return statusOf(socket);
}

async function statusOf(socket: Socket): Promise<number> {
  const [head] = (await once(socket, "data")) as [Buffer];
  socket.destroy();
  return Number(/^HTTP\/1\.1 (\d+)/.exec(head.toString("latin1"))?.[1]);
}

/** Gets a key by a connection of its own, for some turns little in each, then the rest. Resolves with the bytes that came. */
export async function readSlowly(
  client: Pick<TestBucket, "presign">,
  key: string,
  slow: { readonly turns: number; readonly bytesPerTurn: number; readonly turnMs: number },
): Promise<number> {
  const url = client.presign("GET", key);
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(rawHead("GET", url, { connection: "close" }));
  let receivedBytes = 0;
  let inTurn = 0;
  let turnsLeft = slow.turns;
  socket.on("data", (chunk) => {
    receivedBytes += chunk.length;
    inTurn += chunk.length;
    if (turnsLeft > 0 && inTurn >= slow.bytesPerTurn) socket.pause();
  });
  const turns = setInterval(() => {
    inTurn = 0;
    turnsLeft -= 1;
    socket.resume();
  }, slow.turnMs);
  await once(socket, "close");
  clearInterval(turns);
  return receivedBytes;
}
