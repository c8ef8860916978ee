import { once } from "node:events";
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * What becomes of one request: passed on; answered 503 as S3 does when it is asked too much; never answered and the connection
 * cut; done by the store and then the connection cut, so that the asker can't know; half of the answer's body given out and
 * the connection cut; passed on after a wait; held up until somebody lets it go.
 */
export type Fault =
  | "none"
  | "answer-503"
  | "reset"
  | "commit-then-reset"
  | "truncate"
  | { readonly waitMs: number }
  | Hold;

export interface Hold {
  /** Before the store hears of it; once the store has done it, before its answer; when half of the answer's body is out. */
  readonly at: "request" | "answer" | "half-answer";
  /** Told once it is held. */
  onHeld(): void;
  readonly released: Promise<void>;
}

export interface FaultyProxy extends AsyncDisposable {
  /** Origin to ask instead of the store's. */
  readonly origin: string;
  /** Faults that it made so far, by their kind. */
  readonly made: ReadonlyMap<string, number>;
}

const slowDown =
  '<?xml version="1.0"?><Error><Code>SlowDown</Code><Message>Reduce your rate.</Message></Error>';

const kindOf = (fault: Fault): string =>
  typeof fault === "string" ? fault : "waitMs" in fault ? "wait" : `hold-${fault.at}`;

/**
 * An HTTP proxy on a free port of the loopback address, before the store at `target`, that lets each request come to grief as
 * `decide` says. Requests go on with the headers that were signed.
 */
export async function startFaultyProxy(
  target: string,
  decide: (asked: { readonly method: string; readonly path: string }) => Fault,
): Promise<FaultyProxy> {
  const made = new Map<string, number>();
  const server = createServer((asked, answer) => {
    const { method = "GET", url: path = "/" } = asked;
    const fault = decide({ method, path });
    made.set(kindOf(fault), (made.get(kindOf(fault)) ?? 0) + 1);
    pass(new URL(path, target), asked, answer, fault).catch((error: unknown) => {
      // The store is down, or the asker has gone: told by the connection, as it would be without us.
      answer.destroy(error instanceof Error ? error : undefined);
    });
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    made,
    [Symbol.asyncDispose]: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

async function pass(to: URL, asked: IncomingMessage, answer: ServerResponse, fault: Fault): Promise<void> {
  if (fault === "reset") {
    asked.socket.resetAndDestroy();
    return;
  }
  if (fault === "answer-503") {
    asked.resume();
    const headers = {
      "content-type": "application/xml",
      "content-length": slowDown.length,
      connection: "close",
    };
    answer.writeHead(503, headers).end(slowDown);
    return;
  }
  if (typeof fault === "object" && "waitMs" in fault)
    await new Promise((resolve) => setTimeout(resolve, fault.waitMs));
  await holdAt("request", fault);
  const upstream = await forward(to, asked);
  if (fault === "commit-then-reset") {
    upstream.resume();
    await once(upstream, "end");
    asked.socket.resetAndDestroy();
    return;
  }
  await holdAt("answer", fault);
  answer.writeHead(upstream.statusCode ?? 502, upstream.rawHeaders);
  const halfBytes = Number(upstream.headers["content-length"] ?? 0) / 2;
  let given = 0;
  for await (const chunk of upstream as AsyncIterable<Buffer>) {
    const passesHalf: boolean = given < halfBytes && given + chunk.length >= halfBytes;
    const cutAt = passesHalf ? chunk.length >> 1 : chunk.length;
    given += chunk.length;
    await new Promise((resolve) => answer.write(chunk.subarray(0, cutAt), resolve));
    if (passesHalf && fault === "truncate") {
      asked.socket.resetAndDestroy();
      return;
    }
    if (passesHalf) await holdAt("half-answer", fault);
    answer.write(chunk.subarray(cutAt));
  }
  answer.end();
}

async function holdAt(at: Hold["at"], fault: Fault): Promise<void> {
  if (typeof fault !== "object" || !("at" in fault) || fault.at !== at) return;
  fault.onHeld();
  await fault.released;
}

const forward = (to: URL, asked: IncomingMessage): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    // As it came: the signature covers the host that the asker believes to ask.
    const out = request(to, { method: asked.method ?? "GET", headers: asked.headers, agent: false }, resolve);
    out.on("error", reject);
    asked.on("error", reject);
    asked.pipe(out);
  });
