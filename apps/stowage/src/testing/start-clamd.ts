import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";

export interface TestClamd extends AsyncDisposable {
  /** As the setting `scanner.address` has it. */
  readonly address: string;
  /** Texts that it finds, by what it calls them. May be changed at any time. */
  readonly signatures: Map<string, string>;
}

/** A server that speaks as clamd does, and finds texts that it is told. For tests without a real one. */
export async function startClamd(): Promise<TestClamd> {
  const signatures = new Map<string, string>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let received = Buffer.alloc(0);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (bytes: Buffer) => {
      received = Buffer.concat([received, bytes]);
      const answer = answerTo(received, signatures);
      if (answer !== undefined) socket.end(`${answer}\0`);
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    signatures,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

const instream = Buffer.from("zINSTREAM\0", "latin1");

/** Nothing while the command is not whole. */
function answerTo(received: Buffer, signatures: ReadonlyMap<string, string>): string | undefined {
  if (received.equals(Buffer.from("zVERSION\0"))) return "ClamAV 1.4.3/27700/Wed Nov 25 09:26:14 2026";
  if (!received.subarray(0, instream.byteLength).equals(instream)) return undefined;
  const chunks: Buffer[] = [];
  for (let at = instream.byteLength; received.byteLength >= at + 4; ) {
    const sizeBytes = received.readUInt32BE(at);
    at += 4;
    if (sizeBytes === 0) {
      const body = Buffer.concat(chunks);
      for (const [name, text] of signatures) if (body.includes(text)) return `stream: ${name} FOUND`;
      return "stream: OK";
    }
    chunks.push(received.subarray(at, at + sizeBytes));
    at += sizeBytes;
  }
  return undefined;
}
