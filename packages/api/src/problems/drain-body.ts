import type { IncomingMessage } from "node:http";

/** What is read on of a body that nobody wants, before its sender is answered. */
const maxDrainedBytes = 64 * 1024 * 1024;
const maxDrainMs = 2_000;

/**
 * Reads what is left of a request's body and throws it away, within bounds. A client that still sends would not get
 * to read its answer: the connection is reset where it is closed with bytes unread (RFC 9112 section 9.6).
 */
export async function drainBody(request: IncomingMessage): Promise<void> {
  const { headers } = request;
  const hasBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  if (!hasBody || request.readableEnded || request.destroyed) return;
  await new Promise<void>((resolve) => {
    let drainedBytes = 0;
    const onData = (chunk: Buffer) => {
      drainedBytes += chunk.byteLength;
      if (drainedBytes > maxDrainedBytes) done();
    };
    const done = () => {
      clearTimeout(timer);
      request.off("data", onData).off("end", done).off("close", done).off("error", done);
      resolve();
    };
    const timer = setTimeout(done, maxDrainMs);
    request.on("data", onData).once("end", done).once("close", done).once("error", done);
    request.resume();
  });
}
