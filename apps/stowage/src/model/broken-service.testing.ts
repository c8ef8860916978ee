import { type RunOptions, runLifecycle } from "./lifecycle-run.testing.ts";
import type { Step } from "./lifecycle-step.testing.ts";
import type { Ports } from "./machine.testing.ts";

/** Says that it freed what an aborted upload reserved, and does not. */
const losingReservations = ({ metadata, objects }: Ports): Ports => ({
  metadata: { ...metadata, releaseReservation: async () => true },
  objects,
});

/** Runs steps with services that are broken on purpose: to see that this is found, and how it is told. */
export const runOnBrokenService = (steps: readonly Step[], options: RunOptions = {}): Promise<void> =>
  runLifecycle(steps, { ...options, breakPorts: losingReservations });
