import { type DecodeChild, type DecodeLimits, type DecodeOutcome, startDecodeChild } from "./decode-child.ts";
import type { DecodeJob } from "./examination.ts";
import { InspectionFailedError } from "./inspection-failed-error.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import { createTurns } from "./turns.ts";

export interface DecodePoolOptions {
  /** The main module of a decoding process. */
  readonly entry: URL;
  /** What each runs in. Asked when the first is started. Throws InspectionFailedError where there is none. */
  readonly sandbox: () => Promise<Sandbox>;
  /** Where the files to decode are; for this user alone. */
  readonly directory: string;
  /** How many files are examined at a time, each in its own process. */
  readonly processes: number;
  /** After so many, a process makes way for a fresh one. */
  readonly filesPerProcess: number;
  readonly limits: DecodeLimits;
  readonly observer?: DecodeObserver;
}

/** Who counts what becomes of decoding processes. */
export interface DecodeObserver {
  started(): void;
  /** How one came to the end of a file. */
  ended(how: DecodeOutcome["kind"]): void;
}

export interface DecodePool {
  /**
   * Waits for its turn, first come, first served. Throws InspectionFailedError where there is no outcome.
   *
   * @param readingMs - what it may take longer than the limits say, because there is much to read
   */
  examine(job: DecodeJob, signal?: AbortSignal, readingMs?: number): Promise<DecodeOutcome>;
  /** Resolves when no process is left. */
  close(): Promise<void>;
}

/**
 * Long-lived decoding processes, started when first needed. A file that crashes or hangs its process costs
 * that process and nothing else: the next file gets another.
 */
export function createDecodePool({
  entry,
  sandbox,
  directory,
  processes,
  filesPerProcess,
  limits,
  observer,
}: DecodePoolOptions): DecodePool {
  const turns = createTurns(processes);
  const children = new Set<DecodeChild>();
  const idle: DecodeChild[] = [];
  const underWay = new Set<Promise<DecodeOutcome>>();
  let closed = false;

  async function takeChild(isFresh: boolean): Promise<DecodeChild> {
    for (let child = isFresh ? undefined : idle.pop(); child; child = idle.pop()) {
      if (child.alive) return child;
      children.delete(child);
    }
    const child = await startDecodeChild({ entry, sandbox: await sandbox(), directory });
    children.add(child);
    observer?.started();
    return child;
  }

  async function giveChild(child: DecodeChild): Promise<void> {
    if (child.alive && child.filesExamined < filesPerProcess && !closed) {
      idle.push(child);
      return;
    }
    await child.kill();
    children.delete(child);
  }

  async function examineOnce(
    job: DecodeJob,
    signal: AbortSignal | undefined,
    readingMs: number,
    isFresh: boolean,
  ): Promise<{ readonly outcome: DecodeOutcome; readonly wasFresh: boolean }> {
    const child = await takeChild(isFresh);
    try {
      assertWanted(signal);
      const { timeoutMs, restTimeoutMs } = limits;
      const longer = { timeoutMs: timeoutMs + readingMs, restTimeoutMs: restTimeoutMs + readingMs };
      const outcome = await child.examine(job, { ...limits, ...longer }, signal);
      observer?.ended(outcome.kind);
      return { outcome, wasFresh: child.filesExamined === 1 };
    } finally {
      await giveChild(child);
    }
  }

  async function examineInTurn(
    job: DecodeJob,
    signal: AbortSignal | undefined,
    readingMs: number,
  ): Promise<DecodeOutcome> {
    await turns.take(signal).catch(() => assertWanted(signal));
    try {
      for (let attempt = 1; ; attempt += 1) {
        assertWanted(signal);
        const { outcome, wasFresh } = await examineOnce(job, signal, readingMs, attempt > 1);
        if (outcome.kind === "examined") return outcome;
        assertWanted(signal);
        // SIGKILL from outside: the kernel short of memory, an operator. Most likely not this file's doing.
        const wasKilled = outcome.kind === "crashed" && outcome.killed && attempt === 1;
        // What files before it left behind counts as well, until it is collected.
        const wasCrowded = outcome.kind === "out-of-memory" && !wasFresh;
        if (!wasKilled && !wasCrowded) return outcome;
      }
    } finally {
      turns.give();
    }
  }

  function assertWanted(signal: AbortSignal | undefined): void {
    if (closed) throw new InspectionFailedError("closed", "The inspector is closed.");
    if (signal?.aborted) {
      throw new InspectionFailedError("aborted", "The inspection was aborted.", { cause: signal.reason });
    }
  }

  return {
    async examine(job, signal, readingMs = 0) {
      assertWanted(signal);
      const outcome = examineInTurn(job, signal, readingMs);
      underWay.add(outcome);
      try {
        return await outcome;
      } finally {
        underWay.delete(outcome);
      }
    },
    async close() {
      closed = true;
      turns.turnAway(new InspectionFailedError("closed", "The inspector is closed."));
      await Promise.all([...children].map((child) => child.kill()));
      await Promise.allSettled(underWay);
    },
  };
}
