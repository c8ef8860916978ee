import type { IncomingMessage } from "node:http";

/** The connection ended before the body did. There is nobody left to answer. */
export class BodyAbortedError extends Error {
  readonly code = "body-aborted";
  override name = "BodyAbortedError";
}

/**
 * Hands a request's body to `push`, chunk by chunk, and stops reading while a promise that it returned
 * is pending. Rejects with what `push` threw, or with {@link BodyAbortedError}.
 */
export function receiveBody(
  request: IncomingMessage,
  push: (chunk: Buffer) => Promise<void> | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      request.off("data", onData).off("end", onEnd).off("close", onClose);
      request.pause();
    };
    const fail = (error: unknown): void => {
      stop();
      reject(error);
    };
    const onData = (chunk: Buffer): void => {
      try {
        const waiting = push(chunk);
        if (waiting === undefined) return;
        request.pause();
        waiting.then(() => request.resume(), fail);
      } catch (error) {
        fail(error);
      }
    };
    const onEnd = (): void => {
      stop();
      resolve();
    };
    const onClose = (): void => fail(new BodyAbortedError("The connection ended before the body did"));

    if (request.destroyed) return onClose();
    request.on("data", onData).on("end", onEnd).on("close", onClose);
  });
}
