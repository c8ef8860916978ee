import type { IncomingMessage } from "node:http";

/** What a body must bring, on the average of a window: less than the slowest network there is. */
const minBytesPerSecond = 64;

/**
 * Ends requests whose bodies come so slowly that they hold a connection, a file and buffers for nothing; a connection's
 * own timeout ends only those that stand still. To be called with all requests under way once in every `windowMs`.
 */
export function createTrickleWatch(windowMs: number): (requests: Iterable<IncomingMessage>) => void {
  const minBytes = (minBytesPerSecond * windowMs) / 1000;
  const readBefore = new WeakMap<IncomingMessage, number>();
  return (requests) => {
    for (const request of requests) {
      // Paused, it waits for our disk.
      if (request.complete || request.isPaused()) {
        readBefore.delete(request);
        continue;
      }
      const { bytesRead } = request.socket;
      const before = readBefore.get(request);
      readBefore.set(request, bytesRead);
      if (before !== undefined && bytesRead - before < minBytes) request.socket.destroy();
    }
  };
}
