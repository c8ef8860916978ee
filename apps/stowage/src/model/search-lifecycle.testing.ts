import fc from "fast-check";
import { type RunOptions, runLifecycle } from "./lifecycle-run.testing.ts";
import { type Step, someSteps } from "./lifecycle-step.testing.ts";
import { printAsTest, type Runner } from "./print-as-test.testing.ts";
import { shorten } from "./shorten-steps.testing.ts";

export interface SearchOptions {
  /** Steps to take; in runs of up to a hundred or so. */
  readonly steps: number;
  readonly seed: number;
  /** What runs the steps; by default the real services. */
  readonly run?: (steps: readonly Step[], options: RunOptions) => Promise<void>;
  /** How a test that is printed names it. */
  readonly runner?: Runner;
}

export interface SearchReport {
  readonly steps: number;
  readonly runs: number;
  /** How often each kind of step came to each outcome: `put 412`. */
  readonly outcomes: ReadonlyMap<string, number>;
}

/** A run in which the services did something else than the model says. The message holds the test to paste. */
export class LifecycleBrokenError extends Error {
  override readonly name = "LifecycleBrokenError";
  readonly steps: readonly Step[];
  /** The source of a test that fails as the run did. */
  readonly test: string;
  constructor(steps: readonly Step[], test: string, options: ErrorOptions) {
    super(`A run of the model failed. Paste this test, which fails as it did:\n\n${test}`, options);
    this.steps = steps;
    this.test = test;
  }
}

const longestRun = 70;

const realRunner: Runner = { name: "runLifecycle", module: "./lifecycle-run.testing.ts" };

/** Sums up what differs from run to run: counts, keys. */
const inShort = (step: string, outcome: string): string => {
  if (step === "reconcile") return outcome === "" ? "finds nothing" : outcome.replace(/ .*/, "");
  return outcome.startsWith("{") ? (/[1-9]/.test(outcome) ? "does something" : "does nothing") : outcome;
};

/**
 * Takes random steps, from a seed on, until there were as many as asked.
 *
 * @throws LifecycleBrokenError
 */
export async function searchLifecycle({
  steps: wanted,
  seed,
  run = runLifecycle,
  runner = realRunner,
}: SearchOptions): Promise<SearchReport> {
  const outcomes = new Map<string, number>();
  let taken = 0;
  let runs = 0;
  const count = (step: string, outcome: string): void => {
    taken += 1;
    const name = `${step} ${inShort(step, outcome)}`;
    outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
  };
  const property = fc.asyncProperty(someSteps(longestRun), async (steps) => {
    if (taken >= wanted) return;
    runs += 1;
    await run(steps, { onOutcome: count });
  });
  const found = await fc.check(property, { seed, numRuns: wanted, endOnFailure: true });
  const [steps] = found.counterexample ?? [];
  if (!steps) return { steps: taken, runs, outcomes };
  const shortened = await shorten(steps, (some) => run(some, {}));
  const [why = "it failed"] = String(shortened.error).split("\n");
  throw new LifecycleBrokenError(
    shortened.steps,
    printAsTest(shortened.steps, `seed ${seed}: ${why}`, runner),
    { cause: shortened.error },
  );
}
