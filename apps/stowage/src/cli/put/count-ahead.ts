import { type WalkOptions, walkPaths } from "./walk-paths.ts";

/**
 * Counts what there is to do while it is being done, so that a terminal can show how much is left. Says nothing of
 * what is wrong on the way: the walk that sends does.
 */
export async function countAhead(
  paths: readonly string[],
  walk: WalkOptions,
  signal: AbortSignal,
  expect: (total: { readonly files: number; readonly bytes: number }) => void,
): Promise<void> {
  const quiet: WalkOptions = { ...walk, onSkipped: () => undefined, onProblem: () => undefined };
  let files = 0;
  let bytes = 0;
  try {
    for await (const { stats } of walkPaths(paths, quiet)) {
      if (signal.aborted) return;
      files += 1;
      bytes += Number(stats.size);
    }
  } catch {
    // Without a total the figures say only how much was done.
    return;
  }
  expect({ files, bytes });
}
