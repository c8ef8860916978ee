import { type ObjectStore, StoreUnavailableError } from "../ports/object-store.ts";
import {
  type Scanner,
  type ScannerFailure,
  ScannerUnavailableError,
  type ScanVerdict,
} from "../ports/scanner.ts";

export interface ScanObjectPorts {
  readonly objects: Pick<ObjectStore, "get">;
  readonly scanner: Scanner;
  readonly signal?: AbortSignal;
  /** Told of bytes that came. */
  onBytes?(count: number): void;
}

export type ScannedObject =
  | ScanVerdict
  /** Nothing is known of this one; the next may be scanned all the same. */
  | { readonly verdict: "unknown"; readonly reason: "missing" | "unreadable" | ScannerFailure };

/**
 * Scans one object of the store.
 *
 * @throws ScannerUnavailableError where the scanner can't be reached: it would know nothing of the next one either
 * @throws StoreUnavailableError, StoreRefusedError where the store does not answer at all
 */
export async function scanObject(
  { objects, scanner, signal, onBytes }: ScanObjectPorts,
  { key, sizeBytes }: { readonly key: string; readonly sizeBytes: number },
): Promise<ScannedObject> {
  const object = await objects.get(key, signal ? { signal } : {});
  if (!object) return { verdict: "unknown", reason: "missing" };
  let broke = false;
  async function* read(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of body) {
        onBytes?.(chunk.byteLength);
        yield chunk;
      }
    } catch (error) {
      broke = error instanceof StoreUnavailableError;
      throw error;
    }
  }
  const body = read(object.body);
  try {
    return await scanner.scan(body, { sizeBytes, ...(signal ? { signal } : {}) });
  } catch (error) {
    signal?.throwIfAborted();
    if (broke) return { verdict: "unknown", reason: "unreadable" };
    if (!(error instanceof ScannerUnavailableError) || error.failure === "unreachable") throw error;
    return { verdict: "unknown", reason: error.failure };
  } finally {
    // A body that the scanner did not begin to read still holds its connection.
    await body.return(undefined);
    await object.body[Symbol.asyncIterator]().return?.();
  }
}
