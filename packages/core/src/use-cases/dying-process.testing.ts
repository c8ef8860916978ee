import { type Moment, type MortalProcess, mortalProcess } from "./crashing.testing.ts";
import type { ServicePorts } from "./ports.ts";
import type { WorkerPorts } from "./process-upload.ts";

export { ProcessDiedError } from "./crashing.testing.ts";

export interface DyingProcess extends Pick<MortalProcess, "calls"> {
  readonly services: ServicePorts;
  readonly worker: WorkerPorts;
}

/**
 * All that a process of Stowage's runs on, in a process that dies at its n-th call of a port that leaves it.
 *
 * @param dyingCall counted from 1; 0 = never
 */
export function createDyingProcess(
  alive: { readonly services: ServicePorts; readonly worker: WorkerPorts },
  dyingCall: number,
  when: Moment,
): DyingProcess {
  const { calls, wrap } = mortalProcess(dyingCall, when);
  const metadata = wrap(alive.services.metadata);
  const objects = wrap(alive.services.objects);
  const inspector = wrap(alive.worker.inspector);
  return {
    services: { ...alive.services, metadata, objects },
    worker: { ...alive.worker, metadata, objects, inspector },
    calls,
  };
}
