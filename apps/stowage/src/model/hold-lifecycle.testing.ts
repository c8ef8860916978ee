import assert from "node:assert/strict";
import { randomInt } from "node:crypto";
import type { TestContext } from "node:test";
import { type SearchReport, searchLifecycle } from "./search-lifecycle.testing.ts";

/** A number that a person gives a run of the tests, or none. */
const asked = (name: string): number | undefined => {
  const value = process.env[name];
  return value === undefined ? undefined : Number(value);
};

/**
 * Takes random steps from a seed that is always the same, and as many from one that is new each time and printed.
 * `STOWAGE_MODEL_STEPS` and `STOWAGE_MODEL_SEED` ask for others.
 *
 * @param needed kinds of outcomes that so many steps must have come to
 */
export async function holdLifecycle(
  t: TestContext,
  {
    steps,
    fixedSeed,
    needed,
  }: { readonly steps: number; readonly fixedSeed: number; readonly needed: readonly string[] },
): Promise<void> {
  const wanted = asked("STOWAGE_MODEL_STEPS") ?? steps;
  const seed = asked("STOWAGE_MODEL_SEED");
  const seeds = seed === undefined ? [fixedSeed, randomInt(2 ** 31)] : [seed];
  const each = Math.ceil(wanted / seeds.length);
  const outcomes = new Map<string, number>();
  for (const one of seeds) {
    t.diagnostic(`model: ${each} steps from STOWAGE_MODEL_SEED=${one}`);
    const report = await searchLifecycle({ steps: each, seed: one });
    for (const [outcome, count] of report.outcomes)
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + count);
    t.diagnostic(`${report.steps} steps in ${report.runs} runs`);
  }
  tell(t, outcomes);
  const starved = needed.filter((outcome) => !outcomes.has(outcome));
  assert.deepEqual(starved, [], "what no step has come to");
}

function tell(t: TestContext, outcomes: SearchReport["outcomes"]): void {
  const byStep = Map.groupBy(
    [...outcomes].sort(([one], [other]) => (one < other ? -1 : 1)),
    ([name]) => name.split(" ", 1)[0] ?? "",
  );
  for (const [step, each] of byStep)
    t.diagnostic(
      `${step}: ${each.map(([name, count]) => `${name.slice(step.length + 1)} ${count}`).join(", ")}`,
    );
}
