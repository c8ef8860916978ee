import { connect, type Socket } from "node:net";

/** An answer, its body only where it was asked for. */
export interface Answer {
  readonly status: number;
  readonly bodyBytes: number;
  /** Empty unless `keepBody`. */
  readonly body: string;
}

export interface HttpConnection {
  /** Sends one request and resolves when its answer is complete. One at a time. */
  send(request: {
    readonly head: string;
    readonly body?: Buffer;
    readonly keepBody?: boolean;
  }): Promise<Answer>;
  close(): void;
}

/** Connections for one run: idle in between, a server would close them. They are closed after `use`. */
export async function withConnections<T>(
  origin: string,
  count: number,
  use: (connections: readonly HttpConnection[]) => Promise<T>,
): Promise<T> {
  const connections = await Promise.all(Array.from({ length: count }, () => openConnection(origin)));
  try {
    return await use(connections);
  } finally {
    for (const connection of connections) connection.close();
  }
}

const headEnd = Buffer.from("\r\n\r\n");
/** What one read takes from the kernel: few system calls, into the same memory each time. */
const readBytes = 256 * 1024;

/**
 * A keep-alive connection that does as little as an HTTP/1.1 client can, so that on few cores the load costs the
 * server that is measured the least: bytes of bodies are counted, not kept. Answers must have a content-length.
 */
export async function openConnection(origin: string): Promise<HttpConnection> {
  const { hostname, port } = new URL(origin);
  let current: { keepBody: boolean; resolve(answer: Answer): void; reject(error: Error): void } | undefined;
  let head = Buffer.alloc(0);
  let status = 0;
  let expectedBytes = -1;
  let bodyBytes = 0;
  let kept: Buffer[] = [];

  const take = (chunk: Buffer): void => {
    if (!current) {
      fail(new Error("Bytes came that nobody asked for"));
      return;
    }
    let rest = chunk;
    if (expectedBytes === -1) {
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf(headEnd);
      if (end === -1) return;
      const text = head.toString("latin1", 0, end);
      status = Number(text.slice(9, 12));
      const length = /^content-length: *(\d+)/im.exec(text)?.[1];
      if (length === undefined && status !== 204) {
        fail(new Error(`No content-length in: ${text}`));
        return;
      }
      expectedBytes = Number(length ?? 0);
      rest = head.subarray(end + headEnd.length);
    }
    bodyBytes += rest.length;
    if (current.keepBody && rest.length > 0) kept.push(Buffer.from(rest));
    if (bodyBytes < expectedBytes) return;
    const { resolve } = current;
    const answer = { status, bodyBytes, body: kept.length > 0 ? Buffer.concat(kept).toString("utf8") : "" };
    current = undefined;
    head = Buffer.alloc(0);
    expectedBytes = -1;
    bodyBytes = 0;
    kept = [];
    resolve(answer);
  };

  const memory = Buffer.allocUnsafeSlow(readBytes);
  const socket: Socket = connect({
    host: hostname,
    port: Number(port),
    noDelay: true,
    onread: {
      buffer: memory,
      callback: (bytes) => {
        take(memory.subarray(0, bytes));
        return true;
      },
    },
  });
  const fail = (error: Error): void => {
    current?.reject(error);
    current = undefined;
    socket.destroy();
  };
  socket.on("error", fail);
  socket.on("close", () => fail(new Error("The server closed the connection")));
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });

  return {
    send({ head: requestHead, body, keepBody = false }) {
      return new Promise((resolve, reject) => {
        if (socket.destroyed) {
          reject(new Error("The server has closed the connection"));
          return;
        }
        current = { keepBody, resolve, reject };
        socket.cork();
        socket.write(requestHead, "latin1");
        if (body) socket.write(body);
        socket.uncork();
      });
    },
    close() {
      socket.removeAllListeners("close");
      socket.destroy();
    },
  };
}

/** The head of a request to an absolute URL, `host` and an empty line included. */
export function requestHead(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): string {
  const { host, pathname, search } = new URL(url);
  const lines = Object.entries({ host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${method} ${pathname}${search} HTTP/1.1\r\n${lines.join("")}\r\n`;
}
