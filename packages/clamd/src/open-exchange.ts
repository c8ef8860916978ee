import { connect, type Socket } from "node:net";
import { type ScannerFailure, ScannerUnavailableError } from "@stowage/core";
import { type ClamdAddress, describeClamdAddress } from "./clamd-address.ts";

export interface ExchangeLimits {
  /** Longest wait for a connection. */
  readonly connectTimeoutMs: number;
  /** Longest time in which clamd takes nothing of what is sent, or says nothing once all was. */
  readonly idleTimeoutMs: number;
  /** Of it all, from the connection's beginning. */
  readonly overallTimeoutMs: number;
}

/** One command to clamd on a connection of its own, and its answer. */
export interface Exchange {
  /** Whenever it comes; it ends the connection. Rejects with ScannerUnavailableError. */
  readonly answer: Promise<Answer>;
  /** Resolves once there is room for more; at once, after the exchange has ended. */
  write(...pieces: readonly Uint8Array[]): Promise<void>;
  /** Writes what comes last: from then on only the answer is waited for. */
  finish(piece: Uint8Array): Promise<void>;
  readonly isOver: boolean;
  /** Ends it without an answer, where it has not ended. */
  fail(failure: ScannerFailure, message: string, cause?: unknown): void;
}

export interface Answer {
  /** Without its NUL. */
  readonly text: string;
  /** Whether it came after all that was to be sent had been handed to the system. */
  readonly isToAll: boolean;
}

/** Longer than any answer of clamd's. */
const maxAnswerBytes = 4096;

/**
 * Opens a connection, on which one command is sent. The answer is the bytes up to the first NUL (clamd(8): commands that
 * begin with z), which may come while the command is still being sent; whatever comes after it ends the belief in it.
 */
export function openExchange(address: ClamdAddress, limits: ExchangeLimits, signal?: AbortSignal): Exchange {
  const { promise: answer, resolve, reject } = Promise.withResolvers<Answer>();
  // Whoever only sends must not end the process with an answer that nobody waits for yet.
  answer.catch(() => undefined);
  const where = describeClamdAddress(address);
  const socket: Socket = connect({ ...address, noDelay: true });
  let received = Buffer.alloc(0);
  let isOver = false;
  let isConnected = false;
  let isSaid = false;
  let drained = Promise.withResolvers<void>();
  drained.resolve();
  let waiting: NodeJS.Timeout | undefined;

  const end = () => {
    isOver = true;
    clearTimeout(waiting);
    clearTimeout(overall);
    signal?.removeEventListener("abort", onAbort);
    drained.resolve();
    socket.destroy();
  };
  const fail = (failure: ScannerFailure, message: string, cause?: unknown) => {
    if (isOver) return;
    end();
    reject(new ScannerUnavailableError(failure, message, cause === undefined ? {} : { cause }));
  };
  const wait = (ms: number, words: string) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => fail("timeout", `clamd at ${where} ${words} for ${ms} ms.`), ms);
  };
  const onAbort = () => fail("aborted", "The scan was aborted.", signal?.reason);
  const overall = setTimeout(
    () => fail("timeout", `The scan took longer than ${limits.overallTimeoutMs} ms.`),
    limits.overallTimeoutMs,
  );
  signal?.addEventListener("abort", onAbort, { once: true });
  wait(limits.connectTimeoutMs, "could not be reached");

  socket.on("connect", () => {
    isConnected = true;
    clearTimeout(waiting);
    if (socket.writableNeedDrain || isSaid) waitForClamd();
  });
  socket.on("drain", () => {
    clearTimeout(waiting);
    drained.resolve();
    if (isSaid) waitForClamd();
  });
  socket.on("data", (bytes: Buffer) => {
    if (isOver) return;
    received = Buffer.concat([received, bytes]);
    const at = received.indexOf(0);
    if (at === -1 ? received.byteLength > maxAnswerBytes : at !== received.byteLength - 1)
      return fail("failed", "clamd's answer goes on where an answer has its end.");
    if (at === -1) return;
    const isToAll = isSaid && socket.writableLength === 0;
    end();
    resolve({ text: received.subarray(0, at).toString("latin1"), isToAll });
  });
  socket.on("end", () => fail("unreachable", `clamd at ${where} closed the connection without an answer.`));
  socket.on("close", () => fail("unreachable", `clamd at ${where} closed the connection without an answer.`));
  socket.on("error", (error) =>
    fail(
      "unreachable",
      isConnected
        ? `The connection to clamd at ${where} broke: ${error.message}.`
        : `clamd at ${where} can't be reached: ${error.message}.`,
      error,
    ),
  );

  const waitForClamd = () =>
    wait(limits.idleTimeoutMs, isSaid ? "has not answered" : "has taken nothing of what it was sent");
  const write = async (...pieces: readonly Uint8Array[]) => {
    if (isOver) return;
    socket.cork();
    for (const piece of pieces) socket.write(piece);
    socket.uncork();
    if (isConnected && (isSaid || socket.writableNeedDrain)) waitForClamd();
    if (!socket.writableNeedDrain) return;
    drained = Promise.withResolvers();
    await drained.promise;
  };
  if (signal?.aborted) onAbort();
  return {
    answer,
    get isOver() {
      return isOver;
    },
    fail,
    write,
    finish: (piece) => {
      isSaid = true;
      return write(piece);
    },
  };
}
