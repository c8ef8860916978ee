import type { Step } from "./lifecycle-step.testing.ts";

export interface Shortened {
  readonly steps: readonly Step[];
  /** What the shortened steps fail with. */
  readonly error: unknown;
}

/** So long a failing run is made shorter: the rest is for whoever reads it. */
const shorteningMs = 60_000;

/**
 * Leaves out what a failing run does not need to fail: halves of it, quarters, down to single steps, then the fate of
 * each process. (fast-check would do the same one value at a time; a run takes half a second.)
 */
export async function shorten(
  steps: readonly Step[],
  run: (steps: readonly Step[]) => Promise<void>,
): Promise<Shortened> {
  const stopAtMs = performance.now() + shorteningMs;
  let best: Shortened = { steps, error: undefined };
  const fails = async (candidate: readonly Step[]): Promise<boolean> => {
    try {
      await run(candidate);
      return false;
    } catch (error) {
      best = { steps: candidate, error };
      return true;
    }
  };
  await fails(steps);
  for (let length = Math.ceil(steps.length / 2); ; length = Math.ceil(length / 2)) {
    let isShorter = false;
    for (let at = best.steps.length - length; at > -length; at -= length) {
      if (performance.now() > stopAtMs) return best;
      const start = Math.max(0, at);
      isShorter =
        (await fails([...best.steps.slice(0, start), ...best.steps.slice(at + length)])) || isShorter;
    }
    if (length === 1 && !isShorter) break;
  }
  for (const [index, step] of best.steps.entries()) {
    if (performance.now() > stopAtMs || !("fate" in step)) continue;
    const { fate: _, ...simple } = step;
    await fails(best.steps.with(index, simple));
  }
  return best;
}
