import type { Answer } from "./answer.ts";
import { flowLifetimeSeconds } from "./flow-cookies.ts";

const maxRemembered = 10_000;

/** Sign-ins that came back from the issuer: a second time means nothing, or worse, ends the first one's tokens there. */
export interface UsedFlows {
  /** Runs once per `state`. Who comes while it runs gets the same answer, who comes later `undefined`. */
  once(state: string, run: () => Promise<Answer>): Promise<Answer> | undefined;
}

export function createUsedFlows(nowMs: () => number): UsedFlows {
  const running = new Map<string, Promise<Answer>>();
  // In the order of their use. A flow's cookie opens no longer than this remembers.
  const usedAtMs = new Map<string, number>();
  return {
    once(state, run) {
      const others = running.get(state);
      if (others !== undefined || usedAtMs.has(state)) return others;
      usedAtMs.set(state, nowMs());
      for (const [each, atMs] of usedAtMs) {
        if (usedAtMs.size <= maxRemembered && nowMs() - atMs <= flowLifetimeSeconds * 1000) break;
        usedAtMs.delete(each);
      }
      const answer = run().finally(() => running.delete(state));
      running.set(state, answer);
      return answer;
    },
  };
}
