/** What a process's calls throw once it is dead. Nobody catches it. */
export class ProcessDiedError extends Error {
  override readonly name = "ProcessDiedError";
}

/** Before the call has done anything, or after all that it did, its answer lost. */
export type Moment = "before" | "after";

/** A process that may die at a call of one of its ports. */
export interface MortalProcess {
  /** Calls of all its ports so far. */
  readonly calls: { count: number };
  /** A port as this process has it. */
  wrap<Port extends object>(port: Port): Port;
}

/**
 * A process that dies at its n-th call of any port that it was given. Every later call throws too: a dead process does
 * nothing more. Presigning is arithmetic, which leaves nothing behind and is not counted.
 *
 * @param dyingCall counted from 1; 0 = never
 */
export function mortalProcess(dyingCall: number, when: Moment): MortalProcess {
  const calls = { count: 0 };
  let isDead = false;
  const die = (): never => {
    isDead = true;
    throw new ProcessDiedError(`died at call ${calls.count}`);
  };
  const call = async (work: () => unknown): Promise<unknown> => {
    if (isDead) die();
    calls.count += 1;
    const isLast = calls.count === dyingCall;
    if (isLast && when === "before") die();
    const answer = await work();
    if (isLast && when === "after") die();
    return answer;
  };
  return {
    calls,
    wrap: (port) =>
      new Proxy(port, {
        get(target, name) {
          const member: unknown = Reflect.get(target, name);
          if (typeof member !== "function" || String(name).startsWith("presign")) return member;
          return (...values: unknown[]) => call(() => Reflect.apply(member, target, values));
        },
      }),
  };
}

/** One port of a process that dies at the n-th call of it. */
export const crashing = <Port extends object>(port: Port, n: number, when: Moment = "before"): Port =>
  mortalProcess(n, when).wrap(port);
