import type { Logger } from "pino";

/**
 * Runs a job after `firstMs` and again `periodMs` after each end of it, one at a time. A failure is logged and the next run
 * comes as if nothing had been.
 */
export function repeatEvery(
  { firstMs, periodMs }: { readonly firstMs: number; readonly periodMs: number },
  logger: Logger,
  what: string,
  job: () => Promise<void>,
): { stop(): Promise<void> } {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> = Promise.resolve();
  const run = async () => {
    try {
      await job();
    } catch (err) {
      logger.warn({ err }, `${what} failed; it will be tried again`);
    }
    if (!stopped) timer = setTimeout(begin, periodMs);
  };
  const begin = () => {
    running = run();
  };
  timer = setTimeout(begin, firstMs);
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
