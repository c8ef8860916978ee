/**
 * Does `work` every `everyMs`, one at a time and for the first time after that long; what it rejects with goes to
 * `onFailure`, and it goes on. Keeps no process alive. `stop` resolves when none is under way.
 */
export function repeatEvery(
  everyMs: number,
  work: () => Promise<void>,
  onFailure: (error: unknown) => void,
): { stop(): Promise<void> } {
  let underWay: Promise<void> | undefined;
  const timer = setInterval(() => {
    underWay ??= work()
      .catch(onFailure)
      .finally(() => {
        underWay = undefined;
      });
  }, everyMs).unref();
  return {
    async stop() {
      clearInterval(timer);
      await underWay;
    },
  };
}
