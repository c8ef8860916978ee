import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { ProblemCode } from "@stowage/protocol";
import { problemOf } from "./problem-of.ts";

/** What Node's parser gives up on before there is a request, by its error's code; anything else is not HTTP. */
const unreadable: ReadonlyMap<string, [ProblemCode, string]> = new Map([
  ["HPE_HEADER_OVERFLOW", ["headers-too-large", "The path and headers together may have 16 KiB at most."]],
  ["ERR_HTTP_REQUEST_TIMEOUT", ["request-timeout", "The request did not arrive in time."]],
]);

/** Answers on the connection itself what never became a request, and closes it. */
export function answerUnreadable(error: Error & { readonly code?: string }, socket: Socket): void {
  // Nobody is there to be answered.
  if (error.code === "ECONNRESET" || socket.destroyed) return;
  const [code, detail] = unreadable.get(error.code ?? "") ?? ["validation-failed", "That is not HTTP/1.1."];
  const problem = problemOf(code, detail);
  const body = JSON.stringify(problem);
  if (socket.writable)
    socket.write(
      [
        `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}`,
        "Connection: close",
        "Content-Type: application/problem+json; charset=utf-8",
        `Content-Length: ${Buffer.byteLength(body)}`,
        "",
        body,
      ].join("\r\n"),
    );
  socket.destroy(error);
}
