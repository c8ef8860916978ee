import { type ObjectStore, StoreUnavailableError } from "../ports/object-store.ts";
import { findListed } from "./find-listed.ts";

/** A SHA-256 that is computed piece by piece. */
export interface StreamingSha256 {
  update(bytes: Uint8Array): void;
  /** Lower-case hex; the end of it. */
  digestHex(): string;
}

export interface ReadWhole {
  readonly objects: ObjectStore;
  newSha256(): StreamingSha256;
  readonly signal?: AbortSignal;
  /** Told of bytes that came; the next are asked for once it has resolved. */
  onBytes?(count: number): Promise<void> | void;
}

export type WholeObject =
  | { readonly outcome: "read"; readonly sizeBytes: number; readonly sha256: string }
  | { readonly outcome: "missing" }
  /** The store answers otherwise, and lists the object. */
  | { readonly outcome: "unreadable" };

/**
 * Reads an object to its end. One that breaks off is read again, once; where that fails too, a listing tells a store
 * that is away from an object that is damaged: damage is what a store can't give out, over and over.
 *
 * @throws StoreUnavailableError, StoreRefusedError where the store can't be asked
 */
export async function readWholeObject(ports: ReadWhole, key: string): Promise<WholeObject> {
  for (let tries = 0; tries < 2; tries += 1) {
    try {
      return await readOnce(ports, key);
    } catch (error) {
      ports.signal?.throwIfAborted();
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
  }
  return (await findListed(ports.objects, key)) ? { outcome: "unreadable" } : { outcome: "missing" };
}

async function readOnce(
  { objects, newSha256, signal, onBytes }: ReadWhole,
  key: string,
): Promise<WholeObject> {
  const object = await objects.get(key, signal ? { signal } : {});
  if (!object) return { outcome: "missing" };
  const sha256 = newSha256();
  let sizeBytes = 0;
  for await (const chunk of object.body) {
    sha256.update(chunk);
    sizeBytes += chunk.byteLength;
    await onBytes?.(chunk.byteLength);
  }
  return { outcome: "read", sizeBytes, sha256: sha256.digestHex() };
}
