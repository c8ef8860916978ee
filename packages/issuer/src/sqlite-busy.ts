import { setTimeout as sleep } from "node:timers/promises";
import { IssuerBusyError } from "./errors.ts";
import { sqliteResultCode } from "./sqlite-result-code.ts";

const SQLITE_BUSY = 5;

export interface BusyBound {
  /** How long to go on trying, in milliseconds. */
  readonly limitMs: number;
  /** The longest pause between two tries, in milliseconds. */
  readonly pauseMs: number;
}

/** A write of another process takes a few milliseconds; one of five seconds is not coming back. */
const writeBound: BusyBound = { limitMs: 5000, pauseMs: 20 };
/** In WAL mode a read meets a lock only while another process recovers the log after a crash. */
const readBound: BusyBound = { limitMs: 200, pauseMs: 2 };

const isBusy = (error: unknown): boolean => sqliteResultCode(error) === SQLITE_BUSY;

const giveUp = (error: unknown, limitMs: number): IssuerBusyError =>
  new IssuerBusyError(`The issuer's database was locked by another process for ${limitMs} ms.`, {
    cause: error,
  });

/**
 * Runs database work that may find the database locked, again from a timer until it gets through, so
 * that the process serves other requests in between. Default bound: 5 s.
 *
 * @throws {IssuerBusyError} when the bound is reached
 */
export async function retryWhileBusy<T>(run: () => T, bound: BusyBound = writeBound): Promise<T> {
  const deadline = performance.now() + bound.limitMs;
  for (;;) {
    try {
      return run();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() >= deadline) throw giveUp(error, bound.limitMs);
    }
    // At random, so that two processes do not keep step with each other.
    await sleep(1 + Math.random() * bound.pauseMs);
  }
}

/**
 * The same for a read whose caller cannot wait for a promise: it blocks the thread. Default bound: 0.2 s.
 *
 * @throws {IssuerBusyError} when the bound is reached
 */
export function retryReadWhileBusy<T>(run: () => T, bound: BusyBound = readBound): T {
  const deadline = performance.now() + bound.limitMs;
  const neverWoken = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    try {
      return run();
    } catch (error) {
      if (!isBusy(error)) throw error;
      if (performance.now() >= deadline) throw giveUp(error, bound.limitMs);
    }
    Atomics.wait(neverWoken, 0, 0, bound.pauseMs);
  }
}
