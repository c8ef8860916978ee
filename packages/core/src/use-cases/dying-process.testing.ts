import type { ServicePorts } from "./ports.ts";
import type { WorkerPorts } from "./process-upload.ts";

/** What a process's calls throw once it is dead. Nobody catches it. */
export class ProcessDiedError extends Error {
  override readonly name = "ProcessDiedError";
}

export interface DyingProcess {
  readonly services: ServicePorts;
  readonly worker: WorkerPorts;
  /** Calls of the ports so far. */
  readonly calls: { count: number };
}

/**
 * A process that dies at its n-th call of a port that leaves it: before the call has done anything, or after all that
 * it did, its answer lost. Every later call throws too: a dead process does nothing more.
 *
 * @param dyingCall counted from 1; 0 = never
 */
export function createDyingProcess(
  alive: { readonly services: ServicePorts; readonly worker: WorkerPorts },
  dyingCall: number,
  when: "before" | "after",
): DyingProcess {
  const calls = { count: 0 };
  let isDead = false;
  const die = (): never => {
    isDead = true;
    throw new ProcessDiedError(`died at call ${calls.count}`);
  };
  const mortal = <Port extends object>(port: Port): Port =>
    new Proxy(port, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        // Presigning is arithmetic: it leaves nothing behind.
        if (typeof member !== "function" || String(name).startsWith("presign")) return member;
        return async (...values: unknown[]): Promise<unknown> => {
          if (isDead) die();
          calls.count += 1;
          if (calls.count === dyingCall && when === "before") die();
          const answer: unknown = await Reflect.apply(member, target, values);
          if (calls.count === dyingCall && when === "after") die();
          return answer;
        };
      },
    });
  const metadata = mortal(alive.services.metadata);
  const objects = mortal(alive.services.objects);
  return {
    services: { ...alive.services, metadata, objects },
    worker: { ...alive.worker, metadata, objects },
    calls,
  };
}
