import type { AbortControllerLike } from "../ports.ts";

/** What the client uses of an AbortController, and nothing that costs: no event, no exception that is never read. */
export function createLightAbortController(): AbortControllerLike {
  const listeners = new Set<() => void>();
  let aborted = false;
  return {
    signal: {
      get aborted() {
        return aborted;
      },
      addEventListener: (_, listener) => void listeners.add(listener),
      removeEventListener: (_, listener) => void listeners.delete(listener),
    },
    abort() {
      if (aborted) return;
      aborted = true;
      for (const listener of [...listeners]) listener();
    },
  };
}
