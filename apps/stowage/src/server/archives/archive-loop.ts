import { type ArchivePorts, type ArchiveTask, makeArchive, type PackOutcome } from "@stowage/core";
import type { Logger } from "pino";

export interface ArchiveLoop {
  /** An archive may wait: look now. */
  wake(): void;
  /** Claims nothing more; gives back what is under way. */
  stop(): Promise<void>;
}

/** How often to look without being told. */
const pollMs = 2_000;

/** A claim is renewed three times before it would run out. */
const renewalsPerLease = 3;

/**
 * Makes archives that were asked for, one at a time, beside the lanes that verify: gigabytes that are copied keep nobody's upload waiting,
 * and an upload no archive.
 */
export function createArchiveLoop(o: {
  readonly ports: ArchivePorts;
  readonly leaseMs: number;
  readonly logger: Logger;
}): ArchiveLoop {
  const stopping = new AbortController();
  let rise: (() => void) | undefined;
  let isWoken = false;

  const wake = () => {
    isWoken = true;
    rise?.();
  };

  const sleep = () =>
    new Promise<void>((resolve) => {
      if (isWoken || stopping.signal.aborted) return resolve();
      const timer = setTimeout(() => rise?.(), pollMs);
      rise = () => {
        clearTimeout(timer);
        rise = undefined;
        resolve();
      };
    });

  async function pack(task: ArchiveTask): Promise<void> {
    const { archiveId, attempt } = task;
    const lost = new AbortController();
    const renewal = setInterval(() => {
      o.ports.metadata
        .renewArchive({ archiveId, attempt, leaseMs: o.leaseMs })
        .then((held) => {
          if (!held) lost.abort();
        })
        // The lease still runs for a while; the next renewal may get through.
        .catch((err: unknown) => o.logger.warn({ err, archiveId }, "claim could not be renewed"));
    }, o.leaseMs / renewalsPerLease);
    try {
      const result = await makeArchive(o.ports, task, AbortSignal.any([lost.signal, stopping.signal]));
      logEnd({ archiveId, attempt }, result);
    } finally {
      clearInterval(renewal);
    }
  }

  function logEnd(about: object, result: PackOutcome): void {
    if (result.outcome === "postponed")
      o.logger.warn({ ...about, outcome: result.outcome, err: result.cause }, "an archive can't be made now");
    else o.logger.info({ ...about, ...result }, "archive ended");
  }

  async function lane(): Promise<void> {
    while (!stopping.signal.aborted) {
      isWoken = false;
      try {
        const task = await o.ports.metadata.claimArchive({ leaseMs: o.leaseMs });
        if (task) await pack(task);
        else await sleep();
      } catch (err) {
        o.logger.error({ err }, "making an archive failed; it will be tried again");
        isWoken = false;
        await sleep();
      }
    }
  }

  const running = lane();
  return {
    wake,
    stop: async () => {
      stopping.abort();
      wake();
      await running;
    },
  };
}
