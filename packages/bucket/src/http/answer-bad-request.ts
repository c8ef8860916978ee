import type { Socket } from "node:net";

const statusOf: ReadonlyMap<string, string> = new Map([
  ["HPE_HEADER_OVERFLOW", "431 Request Header Fields Too Large"],
  ["ERR_HTTP_REQUEST_TIMEOUT", "408 Request Timeout"],
]);

/**
 * Answers what is not HTTP, or came too slowly to be a request, and closes. For `clientError` of node:http. While another
 * answer `isBegun` there is none: it would be read as the rest of that one's content.
 */
export function answerBadRequest(
  error: Error & { readonly code?: string },
  socket: Socket,
  isBegun: boolean,
): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  if (isBegun) {
    socket.destroySoon();
    return;
  }
  const status = statusOf.get(error.code ?? "") ?? "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}
