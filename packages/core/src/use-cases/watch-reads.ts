import { type ObjectStore, StoreUnavailableError } from "../ports/object-store.ts";
import { findListed } from "./find-listed.ts";
import { readWholeObject } from "./read-whole-object.ts";

/** The store answers, and lists the object, but never gives it out whole: what it holds is damaged. */
export class ObjectUnreadableError extends Error {
  readonly code = "object-unreadable";
  override readonly name = "ObjectUnreadableError";
}

type Reads = Pick<ObjectStore, "get" | "copy">;

/** Reads through a store, and the key at which one failed last. */
export interface WatchedReads extends Reads {
  failedKey(): string | undefined;
}

/** Remembers where reading failed: whoever reads may tell it in an error of its own. */
export function watchReads(objects: Reads): WatchedReads {
  let failedKey: string | undefined;
  const watch = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      failedKey = key;
      throw error;
    }
  };
  async function* watchBody(key: string, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    try {
      yield* body;
    } catch (error) {
      failedKey = key;
      throw error;
    }
  }
  return {
    failedKey: () => failedKey,
    copy: (command) => watch(command.from, () => objects.copy(command)),
    async get(key, options) {
      const object = await watch(key, () => objects.get(key, options));
      return object && { ...object, body: watchBody(key, object.body) };
    },
  };
}

/**
 * Whether an object that broke off is damaged, and not only its store away for a moment: the store lists it, and read
 * again after that it breaks off too. (A store that is started again comes back at any moment: to ask it for a list only
 * after reading failed would take its absence for damage.)
 */
export async function isUnreadable(
  objects: ObjectStore,
  key: string,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const noSha256 = { update: () => undefined, digestHex: () => "" };
  try {
    if (!(await findListed(objects, key))) return false;
    const ports = { objects, newSha256: () => noSha256, ...(signal ? { signal } : {}) };
    return (await readWholeObject(ports, key)).outcome === "unreadable";
  } catch (error) {
    if (error instanceof StoreUnavailableError || signal?.aborted) return false;
    throw error;
  }
}
