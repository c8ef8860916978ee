import assert from "node:assert/strict";
import type { Moment } from "./crashing.testing.ts";
import { createDyingProcess, type DyingProcess, ProcessDiedError } from "./dying-process.testing.ts";
import { createOneMachine, leaseMs, type OneMachine } from "./one-machine.testing.ts";
import { sweep } from "./sweep.ts";
import { sweepArchives } from "./sweep-archives.ts";
import { sweepMultiparts } from "./sweep-multiparts.ts";
import { sweepOrphans } from "./sweep-orphans.ts";

export const minuteMs = 60_000;
export const dayMs = 24 * 60 * minuteMs;

/** What a client, a worker or a sweeper does. Taken again by another process where the one before it died. */
export type Step<Subject> = (process: DyingProcess, machine: OneMachine, subject: Subject) => Promise<void>;

export interface Life<Subject> {
  /** What there is before anything can die. */
  readonly prepare: (machine: OneMachine) => Promise<Subject>;
  readonly steps: readonly Step<Subject>[];
  /** What must be true in the end, wherever a process died. */
  readonly check: (machine: OneMachine, subject: Subject, where: string) => Promise<void>;
}

/** Lives it once for each call of a port that its steps make, dying before it and after it. */
export async function dieEverywhere<Subject>(
  name: string,
  { prepare, steps, check }: Life<Subject>,
): Promise<void> {
  for (const when of ["before", "after"] satisfies Moment[])
    for (let dyingCall = 1; ; dyingCall += 1) {
      const machine = createOneMachine();
      const subject = await prepare(machine);
      const dying = createDyingProcess(machine, dyingCall, when);
      const where = `${name}: died ${when} call ${dyingCall}`;
      await live(machine, subject, steps, dying);
      await settle(machine);
      await check(machine, subject, where);
      if (dying.calls.count < dyingCall) {
        assert.ok(dyingCall > steps.length, `${name}: its steps call ports`);
        break;
      }
    }
}

/** One step after the other, each taken up again by a process that does not die. */
export async function live<Subject>(
  machine: OneMachine,
  subject: Subject,
  steps: readonly Step<Subject>[],
  dying: DyingProcess,
): Promise<void> {
  let process = dying;
  for (const step of steps) {
    try {
      await step(process, machine, subject);
    } catch (error) {
      // The process may have caught the call's failure and gone on until its next call.
      if (!(error instanceof ProcessDiedError)) throw error;
      process = createDyingProcess(machine, 0, "before");
      machine.advance(leaseMs + minuteMs);
      await step(process, machine, subject);
    }
  }
}

/** What is left once every URL has ended, what was not sent has run out, and the sweepers have come by. */
export async function settle(machine: OneMachine): Promise<void> {
  for (const ms of [15 * minuteMs, 8 * dayMs, dayMs + minuteMs]) {
    machine.advance(ms);
    await sweepArchives(machine.services);
    await sweep(machine.services);
    await sweepMultiparts(machine.services);
    await sweepOrphans(machine.services);
  }
}
