import type { IncomingMessage, ServerResponse } from "node:http";
import { canDiscardWhole, discardBody } from "./discard-body.ts";
import type { S3Error } from "./s3-error.ts";
import { xmlDocument } from "./xml.ts";

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;

/**
 * Answers with S3's error document (none to HEAD), then deals with a body that was not read. The
 * answer goes out at once: a client that watches for it need not send the rest.
 */
export async function sendError(
  exchange: {
    readonly request: IncomingMessage;
    readonly response: ServerResponse;
    readonly requestId: string;
    /** The client waits with its body for a word from us. */
    readonly isBodyWithheld: boolean;
  },
  error: S3Error,
): Promise<void> {
  const { request, response, requestId } = exchange;
  const isUnread = hasBody(request) && !request.readableEnded;
  const willClose = isUnread && (exchange.isBodyWithheld || !canDiscardWhole(request));
  const xml = xmlDocument("Error", [
    ["Code", error.code],
    ["Message", error.message],
    // Never the query, where presigned URLs have their signature.
    ["Resource", (request.url ?? "").split("?", 1)[0]],
    ["RequestId", requestId],
  ]);
  response.writeHead(error.status, {
    ...error.headers,
    ...(request.method !== "HEAD" && {
      "content-type": "application/xml",
      "content-length": Buffer.byteLength(xml),
    }),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...(willClose && { connection: "close" }),
  });
  if (!isUnread || exchange.isBodyWithheld) {
    response.end(xml);
    return;
  }
  response.write(xml);
  const atEnd = await discardBody(request);
  response.end();
  if (!atEnd) request.socket.destroySoon();
}
