import type { IncomingMessage, ServerResponse } from "node:http";
import { decodeObjectPath, decodeQuery, type ReceivedRequest, type VerifiedRequest } from "@stowage/sigv4";
import type { ObjectEvent } from "../events/object-event.ts";
import { takeRandomBytes } from "../random-bytes.ts";
import { ObjectCorruptError } from "../storage/segment-cipher.ts";
import type { VerifyPolicy } from "./accept-form.ts";
import { amzMembers } from "./amz-members.ts";
import type { Cors } from "./cors.ts";
import { headerMap } from "./exchange.ts";
import type { Log } from "./log.ts";
import { isFormUpload, postObject } from "./post-object.ts";
import { BodyAbortedError } from "./receive-body.ts";
import { parseObjectPath } from "./request-target.ts";
import { type Operations, route } from "./route.ts";
import { type S3Error, toS3Error } from "./s3-error.ts";
import { sendError } from "./send-error.ts";

export interface RequestHandling {
  readonly operations: Operations;
  readonly verify: (received: ReceivedRequest) => VerifiedRequest;
  /** Throws SignatureRefusedError. */
  readonly verifyPolicy: VerifyPolicy;
  readonly cors: Cors;
  /** Told of what a request changed, once that is durable. */
  readonly announce: (event: ObjectEvent) => void;
  readonly log: Log;
}

/** Liveness, for whoever supervises the process: unsigned, and says nothing but that it answers. */
const healthPath = "/-/health";

/** Answers one request, whatever it is. `expectsContinue`: the client sent `Expect: 100-continue`. */
export async function handleRequest(
  handling: RequestHandling,
  request: IncomingMessage,
  response: ServerResponse,
  expectsContinue: boolean,
): Promise<void> {
  const requestId = takeRandomBytes(8).toString("hex").toUpperCase();
  let isBodyWithheld = expectsContinue;
  const acceptBody = (): void => {
    if (isBodyWithheld) response.writeContinue();
    isBodyWithheld = false;
  };
  try {
    response.setHeader("x-amz-request-id", requestId);
    handling.cors.mark(request, response);
    await answer(handling, { request, response, requestId, acceptBody });
  } catch (error) {
    const refusal = toS3Error(error);
    report(handling.log, { request, response, requestId }, error, refusal);
    if (error instanceof BodyAbortedError || response.headersSent) response.destroy();
    else await sendError({ request, response, requestId, isBodyWithheld }, refusal);
  }
}

async function answer(
  { operations, verify, verifyPolicy, cors, announce }: RequestHandling,
  exchange: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly requestId: string;
    acceptBody(): void;
  },
): Promise<void> {
  const { request, response, requestId } = exchange;
  const { method = "", url: target = "" } = request;
  if (method === "OPTIONS") return cors.preflight(request, response);
  if (target === healthPath && (method === "GET" || method === "HEAD")) {
    response.writeHead(200, { "content-type": "text/plain", "cache-control": "no-store" }).end("ok\n");
    return;
  }

  const headers = headerMap(request);
  const told = (event: ObjectEvent): void => announce({ ...event, requestId });
  if (isFormUpload({ method, target, headers })) {
    const path = parseObjectPath(decodeObjectPath(target));
    return postObject({ ...exchange, ...path, headers, announce: told }, operations, verifyPolicy);
  }
  const verified = verify({ method, target, headers });
  const query = decodeQuery(target);
  const { bucket, key } = parseObjectPath(decodeObjectPath(target));
  const amz = amzMembers(headers, query);
  await route({ ...exchange, verified, bucket, key, query, headers, amz, announce: told }, operations);
}

/** One entry for each answer that is not a success. Paths only: a query has the signature. */
function report(
  log: Log,
  { request, response, requestId }: { request: IncomingMessage; response: ServerResponse; requestId: string },
  error: unknown,
  { code, status }: S3Error,
): void {
  const about = { method: request.method, path: (request.url ?? "").split("?", 1)[0], requestId };
  if (error instanceof BodyAbortedError)
    log({ level: "info", msg: "upload aborted by the client", ...about });
  else if (error instanceof ObjectCorruptError)
    log({ level: "error", msg: "object corrupt", ...about, answered: response.headersSent, error });
  else if (status >= 500 && status !== 501)
    log({ level: "error", msg: "request failed", ...about, code, error });
  else log({ level: "info", msg: "request refused", ...about, status, code });
}
