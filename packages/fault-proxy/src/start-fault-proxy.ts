import { once } from "node:events";
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { Fault, FaultKind } from "./fault.ts";
import { declaredBytes, discardBody, forward, reset } from "./forward.ts";
import { isAnswered, ownAnswer, type Speaks } from "./own-answer.ts";
import { type Counts, count, noCounts, type ProxyStats } from "./proxy-stats.ts";

/** What a plan decides by. */
export interface ProxiedRequest {
  /** From 0, for each proxy by itself; preflights are not counted. */
  readonly index: number;
  /** The proxy's name. */
  readonly proxy: string;
  readonly speaks: Speaks;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** As `Content-Length` declares it. */
  readonly bodyBytes: number | undefined;
}

/** Asked once for each request but CORS preflights, in their order; nothing: it is passed on as it is. */
export type Decide = (request: ProxiedRequest) => Fault | FaultKind | undefined;

export interface FaultProxyOptions {
  /** Origin of the server behind it. Without one every connection is reset, until `setTarget`. */
  readonly target?: string;
  /** Default: no fault at all. Several proxies may share one plan. */
  readonly decide?: Decide;
  /**
   * Told once of each request that `decide` was asked about: its client has the whole answer, or the connection ended before; one
   * that stands still with more to come is not read, and not noticed to have ended.
   */
  readonly onEnd?: (request: ProxiedRequest, isAnswered: boolean) => void;
  /** Whose words it uses where it answers itself. Default `api`. */
  readonly speaks?: Speaks;
  /** For plans. Default: what it speaks. */
  readonly name?: string;
  /** Sent as `Host` to the target. Default: what the client sent, so that what is signed stays valid. */
  readonly host?: string;
  /** In its address: Stowage wants another for its bucket than for its API. Default `127.0.0.1`, where it listens. */
  readonly hostname?: "127.0.0.1" | "localhost";
  /** Of loopback. Default 0: a free one. */
  readonly port?: number;
  /** Times at which it is offline, in milliseconds from its start. */
  readonly offlineWindows?: readonly { readonly fromMs: number; readonly untilMs: number }[];
}

export interface FaultProxy {
  /** Its origin, `http://HOSTNAME:PORT`: the same for whatever target. */
  readonly url: string;
  readonly stats: ProxyStats;
  setTarget(target: string): void;
  /** Resets every connection, those that are open and those that come. */
  offline(): void;
  online(): void;
  /** Resets what is open, and ends. */
  close(): Promise<void>;
}

/** Longer than servers keep an idle connection, so that none breaks by chance. */
const keepAliveMs = 600_000;

/** An HTTP/1.1 reverse proxy on loopback that does to requests what its plan decides, and streams bodies. */
export async function startFaultProxy(options: FaultProxyOptions = {}): Promise<FaultProxy> {
  const { speaks = "api", name = speaks, decide = () => undefined, onEnd, hostname = "127.0.0.1" } = options;
  const counts = noCounts();
  const sockets = new Set<Socket>();
  let target = options.target === undefined ? undefined : new URL(options.target);
  let isOffline = false;
  let requestCount = 0;

  const faultOf = (request: IncomingMessage, response: ServerResponse): Fault | undefined => {
    const { method = "GET", url: path = "/", headers } = request;
    if (method === "OPTIONS" && headers["access-control-request-method"] !== undefined) return undefined;
    const index = requestCount;
    requestCount += 1;
    const bodyBytes = declaredBytes(request);
    const proxied: ProxiedRequest = { index, proxy: name, speaks, method, path, headers, bodyBytes };
    response.once("close", () => onEnd?.(proxied, response.writableFinished));
    const decided = decide(proxied);
    const fault = typeof decided === "string" ? ({ kind: decided } as const) : decided;
    if (fault) count(counts.faults, fault.kind);
    return fault;
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    count(counts.requests, request.method ?? "GET");
    const fault = faultOf(request, response);
    if (target === undefined) return reset(request.socket);
    if (fault?.kind === "drop") return void request.socket.destroy();
    if (fault && isAnswered(fault)) {
      await discardBody(request, counts);
      const { status, headers, body } = ownAnswer(fault, speaks, request);
      response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body) }).end(body);
      return;
    }
    await forward({ request, response, target, host: options.host, fault, counts });
  };

  const server = createServer({ requestTimeout: 0, keepAliveTimeout: keepAliveMs }, (request, response) => {
    // A client that leaves in the middle of what it sends; nothing is left to be done for it.
    handle(request, response).catch(() => reset(request.socket));
  });
  server.on("connection", (socket) => {
    if (isOffline) return refuse(socket, counts);
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");

  const goOffline = () => {
    isOffline = true;
    for (const socket of sockets) refuse(socket, counts);
  };
  const goOnline = () => {
    isOffline = false;
  };
  const timers = (options.offlineWindows ?? []).flatMap(({ fromMs, untilMs }) => [
    setTimeout(goOffline, fromMs),
    setTimeout(goOnline, untilMs),
  ]);

  return {
    url: `http://${hostname}:${(server.address() as AddressInfo).port}`,
    stats: counts,
    setTarget(origin) {
      target = new URL(origin);
    },
    offline: goOffline,
    online: goOnline,
    async close() {
      for (const timer of timers) clearTimeout(timer);
      await closeServer(server, sockets);
    },
  };
}

function refuse(socket: Socket, counts: Counts): void {
  counts.refusedConnections += 1;
  reset(socket);
}

async function closeServer(server: Server, sockets: Iterable<Socket>): Promise<void> {
  const closed = once(server, "close");
  server.close();
  for (const socket of sockets) reset(socket);
  await closed;
}
