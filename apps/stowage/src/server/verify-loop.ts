import {
  type DerivativeTask,
  type MakeOutcome,
  makeDerivative,
  type ProcessOutcome,
  processUpload,
  type UploadRecord,
  type WorkerPorts,
} from "@stowage/core";
import type { Logger } from "pino";
import { persistEnds } from "./persist-ends.ts";

export interface VerifyLoop {
  /** An upload waits: look now. */
  wake(): void;
  /** Claims nothing more; gives back what is under way. */
  stop(): Promise<void>;
}

/** How often to look without being told: a wake may be lost, a postponed upload comes due. */
const pollMs = 1_000;

/** A claim is renewed three times before it would run out. */
const renewalsPerLease = 3;

/**
 * Claims and verifies uploads, and makes derivatives that were asked for, `concurrency` at a time (0 = none). Each holds a lease that is renewed while it works;
 * where it is lost, the work is broken off, since another worker has it.
 */
export function createVerifyLoop(o: {
  readonly ports: WorkerPorts;
  readonly concurrency: number;
  readonly leaseMs: number;
  /** Random bits for the key of a derivative. */
  readonly newKeyPart: () => string;
  readonly logger: Logger;
  /** Told of each verification's outcome. Default: nobody is. */
  readonly onEnd?: (result: ProcessOutcome) => void;
  /** Told of what came of each derivative, and how long that took. Default: nobody is. */
  readonly onMade?: (result: MakeOutcome, tookMs: number) => void;
  /** Runs each verification, and answers what it answered; may look at what happens. Default: just runs it. */
  readonly around?: (upload: UploadRecord, run: () => Promise<ProcessOutcome>) => Promise<ProcessOutcome>;
}): VerifyLoop {
  const stopping = new AbortController();
  const sleepers = new Set<() => void>();
  let wakes = 0;

  const wake = () => {
    wakes += 1;
    for (const rise of sleepers) rise();
  };

  const sleep = (seenWakes: number) =>
    new Promise<void>((resolve) => {
      if (wakes !== seenWakes || stopping.signal.aborted) return resolve();
      const rise = () => {
        clearTimeout(timer);
        sleepers.delete(rise);
        resolve();
      };
      const timer = setTimeout(rise, pollMs);
      sleepers.add(rise);
    });

  async function verifyOne(upload: UploadRecord): Promise<void> {
    const lost = new AbortController();
    const renewal = setInterval(() => {
      o.ports.metadata
        .renewClaim({ uploadId: upload.id, attempt: upload.attempt, leaseMs: o.leaseMs })
        .then((held) => {
          if (!held) lost.abort();
        })
        // The lease still runs for a while; the next renewal may get through.
        .catch((err: unknown) => o.logger.warn({ err, uploadId: upload.id }, "claim could not be renewed"));
    }, o.leaseMs / renewalsPerLease);
    try {
      const signal = AbortSignal.any([lost.signal, stopping.signal]);
      const metadata = persistEnds(o.ports.metadata, signal, (err) =>
        o.logger.warn({ err, uploadId: upload.id }, "the end of a verification can't be written yet"),
      );
      const run = () => processUpload({ ...o.ports, metadata }, upload, signal);
      const result = await (o.around ? o.around(upload, run) : run());
      o.onEnd?.(result);
      const members = { uploadId: upload.id, attempt: upload.attempt, outcome: result.outcome };
      if (result.outcome === "postponed") o.logger.warn({ ...members, err: result.cause }, result.detail);
      else o.logger.info(members, "verified");
    } finally {
      clearInterval(renewal);
    }
  }

  async function makeOne(task: DerivativeTask): Promise<void> {
    const lost = new AbortController();
    const about = { fileId: task.fileId, version: task.version, name: task.name, page: task.page };
    const renewal = setInterval(() => {
      o.ports.metadata
        .renewDerivative({ ...about, attempt: task.attempt, leaseMs: o.leaseMs })
        .then((held) => {
          if (!held) lost.abort();
        })
        .catch((err: unknown) => o.logger.warn({ err, ...about }, "claim could not be renewed"));
    }, o.leaseMs / renewalsPerLease);
    try {
      const startedMs = performance.now();
      const result = await makeDerivative(o.ports, task, AbortSignal.any([lost.signal, stopping.signal]));
      o.onMade?.(result, performance.now() - startedMs);
      const members = { ...about, attempt: task.attempt, outcome: result.outcome };
      if (result.outcome === "postponed")
        o.logger.warn({ ...members, err: result.cause }, "a derivative can't be made now");
      else o.logger.info(members, "derivative ended");
    } finally {
      clearInterval(renewal);
    }
  }

  async function claimedUpload(): Promise<(() => Promise<void>) | undefined> {
    const upload = await o.ports.metadata.claimUpload({ leaseMs: o.leaseMs });
    return upload && (() => verifyOne(upload));
  }

  async function claimedDerivative(): Promise<(() => Promise<void>) | undefined> {
    const task = await o.ports.metadata.claimDerivative({ leaseMs: o.leaseMs, keyPart: o.newKeyPart() });
    return task && (() => makeOne(task));
  }

  async function lane(): Promise<void> {
    // Whoever asks for a derivative waits for it: uploads that queue up must not keep it from being made, nor it them.
    for (let turn = 0; !stopping.signal.aborted; turn += 1) {
      const seenWakes = wakes;
      const [first, second] =
        turn % 2 === 0 ? [claimedUpload, claimedDerivative] : [claimedDerivative, claimedUpload];
      try {
        const work = (await first()) ?? (await second());
        if (work) await work();
        else await sleep(seenWakes);
      } catch (err) {
        o.logger.error({ err }, "verification failed; it will be tried again");
        await sleep(wakes);
      }
    }
  }

  const lanes = Array.from({ length: o.concurrency }, lane);
  return {
    wake,
    stop: async () => {
      stopping.abort();
      wake();
      await Promise.all(lanes);
    },
  };
}
