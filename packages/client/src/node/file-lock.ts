import { resolve } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AbortedError } from "../errors.ts";
import type { AbortSignalLike } from "../ports.ts";
import type { QueueLock } from "../queue/queue-lock.ts";

/** Nobody tells when another process lets go, or dies. */
const lookEveryMs = 100;

/** Who lets go and wants it again lets all others look before. */
const othersFirstMs = 3 * lookEveryMs;

/** Who waits in this process, by the file: the last of them. */
const waiting = new Map<string, Promise<void>>();

/**
 * The lead among the processes of one machine, by SQLite's own lock on a file of a local disk. The system drops it with
 * the process, however that dies, so that none is ever left behind, and nobody takes it from a process that lives: it is
 * never `lost`. In one process it goes in turn. The file is made where it is missing, in a folder that is there, and stays
 * empty.
 */
export function createFileLock(file: string): QueueLock {
  const path = resolve(file);
  let releasedAtMs = Number.NEGATIVE_INFINITY;
  return {
    async acquire(signal) {
      const before = waiting.get(path) ?? Promise.resolve();
      const turn = Promise.withResolvers<void>();
      const mine = Promise.all([before, turn.promise]).then(() => {
        if (waiting.get(path) === mine) waiting.delete(path);
      });
      waiting.set(path, mine);
      let database: DatabaseSync | undefined;
      const release = () => {
        if (database?.isOpen) database.close();
        releasedAtMs = performance.now();
        turn.resolve();
      };
      try {
        await unlessAborted(before, signal);
        if (signal.aborted) throw new AbortedError();
        while (performance.now() < releasedAtMs + othersFirstMs) await unlessAborted(pause(), signal);
        database = new DatabaseSync(path, { timeout: 0 });
        while (!tryLock(database)) await unlessAborted(pause(), signal);
        return { lost: new AbortController().signal, release };
      } catch (error) {
        release();
        throw error;
      }
    },
  };
}

const pause = (): Promise<void> => new Promise((done) => setTimeout(done, lookEveryMs));

async function unlessAborted(promise: Promise<void>, signal: AbortSignalLike): Promise<void> {
  const { promise: aborted, reject } = Promise.withResolvers<void>();
  const abort = () => reject(new AbortedError());
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function tryLock(database: DatabaseSync): boolean {
  try {
    database.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    // SQLite's BUSY (sqlite.org/rescode.html).
    if (error instanceof Error && "errcode" in error && error.errcode === 5) return false;
    throw error;
  }
}
