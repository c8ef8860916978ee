import { NetworkError, StoreRefusedError } from "@stowage/client";
import type { WireRequest } from "@stowage/protocol";

/** How long no byte may come. */
const idleTimeoutMs = 60_000;

/**
 * Fetches by a presigned GET, piece by piece.
 *
 * @param fromByte - what comes before it is left out; above 0 only a store that gives just the rest will do
 * @throws StoreRefusedError, NetworkError; what `write` throws; AbortError
 */
export async function fetchPieces(
  { url, method, headers }: WireRequest,
  signal: AbortSignal,
  fromByte: number,
  write: (piece: Uint8Array) => Promise<void>,
): Promise<void> {
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(), idleTimeoutMs);
  const { host } = new URL(url);
  const onTheWay = <T>(work: Promise<T>): Promise<T> =>
    work.catch((cause: unknown) => {
      if (signal.aborted) throw cause;
      const reason = idle.signal.aborted ? "nothing came for a minute" : "the connection broke";
      throw new NetworkError(`The download from ${host} failed: ${reason}.`, { cause });
    });
  try {
    const response = await onTheWay(
      fetch(url, {
        method,
        headers: fromByte === 0 ? headers : { ...headers, range: `bytes=${fromByte}-` },
        signal: AbortSignal.any([signal, idle.signal]),
      }),
    );
    if (!response.ok || !response.body) {
      const body = await onTheWay(response.text());
      throw new StoreRefusedError(response.status, /<Code>(\w{1,64})<\/Code>/.exec(body)?.[1] ?? "");
    }
    const isRest = response.headers.get("content-range")?.startsWith(`bytes ${fromByte}-`) === true;
    if (fromByte > 0 && !(response.status === 206 && isRest))
      throw new StoreRefusedError(response.status, "");
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await onTheWay(reader.read());
      if (done) return;
      timer.refresh();
      await write(value);
    }
  } finally {
    clearTimeout(timer);
  }
}
