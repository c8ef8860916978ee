import type { IncomingMessage } from "node:http";

/** What is read after a refusal. Past it the connection is closed, whether or not the client has listened. */
const maxDiscardBytes = 64 * 1024 * 1024;
const maxDiscardMs = 60_000;

/** Whether the rest of a body is worth reading, so that the connection can serve the next request. */
export const canDiscardWhole = (request: IncomingMessage): boolean =>
  Number(request.headers["content-length"] ?? Number.POSITIVE_INFINITY) <= maxDiscardBytes;

/**
 * Reads the rest of a refused body and forgets it. A browser looks at the answer only once it has sent
 * everything, and closing on bytes that were not read resets the connection, which loses the answer.
 * Resolves at the body's end, at the bound, or when the connection is gone: whether the end was reached.
 */
export function discardBody(request: IncomingMessage): Promise<boolean> {
  if (request.complete && request.readableEnded) return Promise.resolve(true);
  if (request.destroyed) return Promise.resolve(false);
  return new Promise((resolve) => {
    let discardedBytes = 0;
    const settle = (atEnd: boolean): void => {
      clearTimeout(timer);
      request.off("data", onData).off("end", onEnd).off("close", onClose);
      request.pause();
      resolve(atEnd);
    };
    const onData = (chunk: Buffer): void => {
      discardedBytes += chunk.length;
      if (discardedBytes > maxDiscardBytes) settle(false);
    };
    const onEnd = (): void => settle(true);
    const onClose = (): void => settle(false);
    const timer = setTimeout(settle, maxDiscardMs, false);
    request.on("data", onData).on("end", onEnd).on("close", onClose).resume();
  });
}
