import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** A clamd of the test's own, which finds what it is taught: bytes that hold one of these words. */
export interface ScriptedClamd {
  /** `host:port`, as `scanner.address` takes it. */
  readonly address: string;
  teach(word: string): void;
  stop(): Promise<void>;
}

const command = "zINSTREAM\0";

/** The bytes of an INSTREAM (clamd(8)): chunks, each after its length in four bytes, up to one of none. Absent: not all came yet. */
function readStream(received: Buffer): Buffer | undefined {
  const chunks: Buffer[] = [];
  for (let at = command.length; received.byteLength >= at + 4; ) {
    const sizeBytes = received.readUInt32BE(at);
    if (sizeBytes === 0) return Buffer.concat(chunks);
    chunks.push(received.subarray(at + 4, at + 4 + sizeBytes));
    at += 4 + sizeBytes;
  }
  return undefined;
}

/** Answers VERSION, PING and INSTREAM on loopback, each on a connection of its own. */
export async function startScriptedClamd(): Promise<ScriptedClamd> {
  const words = new Set<string>();
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket.on("close", () => sockets.delete(socket)));
    // A client that goes away has what it wanted.
    socket.on("error", () => socket.destroy());
    let received = Buffer.alloc(0);
    socket.on("data", (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      if (received.toString("latin1", 0, 9) === "zVERSION\0")
        return void socket.end("ClamAV 1.4.3/27700/Wed Nov 25 09:26:14 2026\0");
      if (received.toString("latin1", 0, 6) === "zPING\0") return void socket.end("PONG\0");
      const stream = readStream(received);
      if (!stream) return;
      const isFound = [...words].some((word) => stream.includes(word));
      socket.end(isFound ? "stream: Test.Taught-1 FOUND\0" : "stream: OK\0");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    teach: (word) => void words.add(word),
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
