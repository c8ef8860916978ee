import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { ClamdAddress } from "./clamd-address.ts";

/** What a server does with a connection after the first bytes of its command have come. */
export type Script = (socket: Socket, command: string) => void;

export interface ScriptedClamd extends AsyncDisposable {
  readonly address: ClamdAddress;
  /** Connections that were opened so far, and are open. */
  readonly counts: { opened: number; open: number; most: number };
}

/** A server on loopback that answers VERSION as clamd does, and leaves the rest to a script. */
export async function startScriptedClamd(
  script: Script,
  versionAnswer = "ClamAV 1.4.3/27700/Wed Nov 25 09:26:14 2026\0",
): Promise<ScriptedClamd> {
  const sockets = new Set<Socket>();
  const counts = { opened: 0, open: 0, most: 0 };
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.once("data", (bytes: Buffer) => {
      const command = bytes.toString("latin1");
      if (command === "zVERSION\0") {
        socket.end(versionAnswer);
        return;
      }
      counts.opened += 1;
      counts.open += 1;
      counts.most = Math.max(counts.most, counts.open);
      socket.on("close", () => {
        counts.open -= 1;
      });
      script(socket, command);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: { host: "127.0.0.1", port: (server.address() as AddressInfo).port },
    counts,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/**
 * Reads a whole INSTREAM and answers what is decided of its bytes, as clamd does.
 *
 * @param first what came already
 * @param decide nothing where the script answers by itself
 */
export function answerStream(
  socket: Socket,
  first: string,
  decide: (bytes: Buffer, chunkSizes: readonly number[]) => string | undefined,
): void {
  let received = Buffer.from(first, "latin1");
  const look = () => {
    let at = "zINSTREAM\0".length;
    const chunks: Buffer[] = [];
    while (received.byteLength >= at + 4) {
      const sizeBytes = received.readUInt32BE(at);
      at += 4;
      if (sizeBytes === 0) {
        const sizes = chunks.map((chunk) => chunk.byteLength);
        const answer = decide(Buffer.concat(chunks), sizes);
        if (answer !== undefined) socket.end(answer);
        return;
      }
      if (received.byteLength < at + sizeBytes) return;
      chunks.push(received.subarray(at, at + sizeBytes));
      at += sizeBytes;
    }
  };
  socket.on("data", (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    look();
  });
  look();
}
