import { abortable, assertNotAborted } from "./abortable.ts";
import { ClientError, NetworkError } from "./errors.ts";
import type { AbortSignalLike, ApiOptions } from "./ports.ts";

/**
 * Does work that must move: it is given up when `moved` was not called for `idleMs` (`undefined`: it may take any
 * time). Whatever it throws that is no ClientError is the network's failure.
 *
 * @throws AbortedError, NetworkError
 */
export type WithinIdleTime = <T>(
  what: string,
  idleMs: number | undefined,
  outer: AbortSignalLike | undefined,
  work: (signal: AbortSignalLike, moved: () => void) => Promise<T>,
) => Promise<T>;

export function createTimeLimit({
  clock,
  abortController,
}: Pick<ApiOptions, "clock" | "abortController">): WithinIdleTime {
  return async (what, idleMs, outer, work) => {
    assertNotAborted(outer);
    const inner = abortController();
    const timer = abortController();
    const abort = () => inner.abort();
    outer?.addEventListener("abort", abort);
    let movedAtMs = clock.nowMs();
    let stalled = false;
    const watch = async (limitMs: number) => {
      for (let leftMs = limitMs; leftMs > 0; leftMs = movedAtMs + limitMs - clock.nowMs())
        await clock.delay(leftMs, timer.signal);
      stalled = true;
      abort();
    };
    // The delay rejects when the work is done first: there is nothing left to watch.
    if (idleMs !== undefined) watch(idleMs).catch(() => timer.abort());
    try {
      const moved = () => {
        movedAtMs = clock.nowMs();
      };
      return await abortable(work(inner.signal, moved), inner.signal);
    } catch (cause) {
      assertNotAborted(outer);
      if (stalled) throw new NetworkError(`${what} stood still for ${(idleMs ?? 0) / 1000} s.`, { cause });
      if (cause instanceof ClientError) throw cause;
      throw new NetworkError(`${what} failed on its way: ${reasonOf(cause)}.`, { cause });
    } finally {
      timer.abort();
      outer?.removeEventListener("abort", abort);
    }
  };
}

const reasonOf = (error: unknown): string =>
  String(error instanceof Error ? error.message : error).replace(/\.$/, "");
