import { connect } from "node:net";

export interface RawRequest {
  readonly method: string;
  /** Path and query, sent as it is. */
  readonly target: string;
  /** Sent in this order, as they are; `Host` is added where it is missing, nothing else but `Connection: close`. */
  readonly headers?: readonly (readonly [string, string])[];
  /** Sent in this order, whatever the headers say. */
  readonly body?: readonly Uint8Array[];
  /** Closes the sending side after the body. Default false. */
  readonly halfClose?: boolean;
  /** Default 15,000. */
  readonly timeoutMs?: number;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

const endOfHead = Buffer.from("\r\n\r\n");

function parseAnswer(received: Buffer): RawAnswer | undefined {
  const end = received.indexOf(endOfHead);
  if (end < 0) return undefined;
  const [statusLine = "", ...lines] = received.subarray(0, end).toString("latin1").split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(statusLine)?.[1]);
  const body = received.subarray(end + endOfHead.length);
  // 100 Continue: the real one follows.
  if (status < 200) return parseAnswer(body);
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { status, headers, body };
}

function isWhole(answer: RawAnswer, method: string): boolean {
  if (method === "HEAD" || answer.status === 204 || answer.status === 304) return true;
  const length = answer.headers.get("content-length");
  if (length !== undefined) return answer.body.length >= Number(length);
  return answer.body.subarray(-5).toString("latin1") === "0\r\n\r\n";
}

/**
 * One HTTP/1.1 exchange over a socket of its own, for what no HTTP client would send. Answers the first
 * response, or `undefined` where the connection ended without one.
 */
export function sendRaw(origin: string, request: RawRequest): Promise<RawAnswer | undefined> {
  const url = new URL(origin);
  const headers = [...(request.headers ?? [])];
  if (!headers.some(([name]) => name.toLowerCase() === "host")) headers.unshift(["Host", url.host]);
  headers.push(["Connection", "close"]);
  const head = [
    `${request.method} ${request.target} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ].join("\r\n");

  return new Promise((resolve, reject) => {
    const socket = connect({ host: url.hostname, port: Number(url.port), allowHalfOpen: true });
    let received = Buffer.alloc(0);
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`No answer to ${request.method} ${request.target} in time.`));
    }, request.timeoutMs ?? 15_000);
    const finish = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(parseAnswer(received));
    };
    socket.on("data", (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      const answer = parseAnswer(received);
      if (answer !== undefined && isWhole(answer, request.method)) finish();
    });
    // A server may answer and hang up before it has read everything (EPIPE, ECONNRESET): what arrived counts.
    socket.on("error", finish);
    socket.on("end", finish);
    socket.on("close", finish);
    socket.on("connect", () => {
      socket.write(`${head}\r\n\r\n`, "latin1");
      for (const chunk of request.body ?? []) socket.write(chunk);
      if (request.halfClose === true) socket.end();
    });
  });
}
