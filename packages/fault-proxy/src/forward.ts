import {
  type ClientRequest,
  type IncomingMessage,
  request as plainRequest,
  type ServerResponse,
} from "node:http";
import { request as tlsRequest } from "node:https";
import type { Socket } from "node:net";
import type { Fault } from "./fault.ts";
import { answerHeaders, pairsOf, requestHeaders } from "./headers.ts";
import { counted, cutAfter, inTurn, type Moved, moveBytes, type Shape, throttled } from "./move-bytes.ts";
import type { Counts } from "./proxy-stats.ts";

export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly target: URL;
  /** For `Host` instead of the client's. */
  readonly host: string | undefined;
  readonly fault: Fault | undefined;
  readonly counts: Counts;
}

const defaultBytesPerSecond = 256 * 1024;
const daySeconds = 86_400;

/** Of `Content-Length`; `undefined` where there is none. */
export const declaredBytes = ({ headers }: IncomingMessage): number | undefined =>
  headers["content-length"] === undefined ? undefined : Number(headers["content-length"]);

export const hasBody = (message: IncomingMessage): boolean =>
  message.headers["transfer-encoding"] !== undefined || (declaredBytes(message) ?? 0) > 0;

/** Passes a request on and its answer back, as far as the fault lets it. */
export async function forward(exchange: Exchange): Promise<void> {
  const { request, response, fault, counts } = exchange;
  const toTarget = openRequest(exchange);
  const answered = answerTo(toTarget);
  const gone = new Promise<void>((resolve) => {
    response.once("close", () => {
      if (!response.writableFinished) toTarget.destroy();
      resolve();
    });
  });
  // Whatever ends early from here on was meant to.
  let isCut = false;
  const cut = (kind: "reset" | "stall") => async (): Promise<void> => {
    isCut = true;
    if (kind === "stall") return await gone;
    toTarget.socket?.resetAndDestroy();
    reset(request.socket);
  };
  const sent = sendBody(exchange, toTarget, cut);

  const answer = await answered;
  if (isCut) return reset(request.socket);
  if (answer === undefined) {
    if (!request.socket.destroyed) counts.targetFailures += 1;
    return reset(request.socket);
  }
  if (fault?.kind === "commit-then-reset") {
    for await (const _ of answer);
    await sent;
    return reset(request.socket);
  }
  await passAnswer(exchange, answer, {
    gone: () => gone,
    async heardOut() {
      if ((await sent) === "sink-closed" && !request.socket.destroyed) await discardBody(request, counts);
    },
  });
}

async function sendBody(exchange: Exchange, toTarget: ClientRequest, cut: Cut): Promise<Moved> {
  try {
    const moved = await moveBytes(exchange.request, toTarget, requestShape(exchange, cut));
    if (moved === "whole") toTarget.end();
    return moved;
  } catch {
    // The client has gone in the middle of its body.
    toTarget.destroy();
    return "sink-closed";
  }
}

/** Reads a body that nobody wants, so that its sender hears the answer. */
export async function discardBody(request: IncomingMessage, counts: Counts): Promise<void> {
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>)
    counts.receivedBytes += piece.length;
}

/** RST rather than FIN: what is under way is lost. */
export const reset = (socket: Socket): void => {
  if (!socket.destroyed) socket.resetAndDestroy();
};

/** A connection for each: one that is kept could break without being told to. */
function openRequest({ request, target, host }: Exchange): ClientRequest {
  const { method = "GET", url, rawHeaders } = request;
  const send = target.protocol === "https:" ? tlsRequest : plainRequest;
  const toTarget = send({
    host: target.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: target.port,
    method,
    path: url,
    headers: requestHeaders(rawHeaders, method, host),
    agent: false,
  });
  // Before any of its body has come: the target may have an opinion already.
  toTarget.flushHeaders();
  return toTarget;
}

/** `undefined` where there is none. */
const answerTo = (toTarget: ClientRequest): Promise<IncomingMessage | undefined> =>
  new Promise((resolve) => {
    toTarget
      .once("response", resolve)
      .on("error", () => resolve(undefined))
      .once("close", () => resolve(undefined));
  });

type Cut = (kind: "reset" | "stall") => () => Promise<void>;

function requestShape({ request, fault, counts }: Exchange, cut: Cut): Shape {
  const received = counted((bytes) => {
    counts.receivedBytes += bytes;
  });
  const forwarded = counted((bytes) => {
    counts.forwardedBytes += bytes;
  });
  return inTurn(received, faultyRequestShape(request, fault, cut), forwarded);
}

function faultyRequestShape(request: IncomingMessage, fault: Fault | undefined, cut: Cut): Shape {
  const declared = declaredBytes(request);
  if (fault?.kind === "reset") {
    // Never the whole body, which might be as good as done.
    const most = Math.max(0, (declared ?? Number.POSITIVE_INFINITY) - 1);
    return cutAfter(Math.min(fault.afterBytes ?? half(declared), most), cut("reset"));
  }
  if (fault?.kind === "stall" && hasBody(request))
    return cutAfter(fault.afterBytes ?? half(declared), cut("stall"));
  return fault?.kind === "slow" ? throttled(fault.bytesPerSecond ?? defaultBytesPerSecond) : inTurn();
}

const half = (bytes: number | undefined): number => Math.floor((bytes ?? 0) / 2);

interface Waits {
  /** Until the client's connection has ended, or its answer has. */
  gone(): Promise<void>;
  /** Until no more of the request's body comes. */
  heardOut(): Promise<void>;
}

async function passAnswer(
  { request, response, fault, counts }: Exchange,
  answer: IncomingMessage,
  { gone, heardOut }: Waits,
): Promise<void> {
  const { statusCode = 502, statusMessage = "", rawHeaders } = answer;
  const shiftSeconds = fault?.kind === "clock-skew" ? (fault.shiftSeconds ?? daySeconds) : 0;
  const headers = answerHeaders(rawHeaders, shiftSeconds);
  const cutBytes = request.method === "HEAD" ? 0 : half(declaredBytes(answer));
  if (fault?.kind === "truncated" && cutBytes === 0) {
    answer.resume();
    const head = [
      `HTTP/1.1 ${statusCode} ${statusMessage}`,
      ...pairsOf(headers).map((pair) => pair.join(": ")),
    ];
    const text = head.join("\r\n");
    request.socket.write(text.slice(0, text.length / 2), () => reset(request.socket));
    return;
  }
  const answered = counted((bytes) => {
    counts.answeredBytes += bytes;
  });
  response.sendDate = false;
  response.writeHead(statusCode, statusMessage, headers);
  const shape = inTurn(faultyAnswerShape(request, fault, cutBytes, gone), answered);
  try {
    if ((await moveBytes(answer, response, shape)) === "sink-closed") return;
    // The target had its say before it had the whole body: an end would close the connection of who still sends.
    response.flushHeaders();
    await heardOut();
    response.end();
  } catch {
    // The target left in the middle of its answer, and so must this: an end would look whole.
    if (!request.socket.destroyed) counts.targetFailures += 1;
    reset(request.socket);
  }
}

function faultyAnswerShape(
  request: IncomingMessage,
  fault: Fault | undefined,
  cutBytes: number,
  gone: () => Promise<void>,
): Shape {
  if (fault?.kind === "truncated") return cutAfter(cutBytes, async () => reset(request.socket));
  if (fault?.kind === "stall") return cutAfter(fault.afterBytes ?? cutBytes, gone);
  return fault?.kind === "slow" ? throttled(fault.bytesPerSecond ?? defaultBytesPerSecond) : inTurn();
}
