// Which test files are of a level, and which of those of `full` do something else there than in `default`.

const suffixes = new Map<string, readonly string[]>([
  ["quick", ["test"]],
  ["default", ["test", "test-slow"]],
  ["full", ["test", "test-slow", "test-full"]],
]);

/** @returns patterns below the checkout's root; `undefined` for what is no level */
export const patternsOfLevel = (level: string): readonly string[] | undefined =>
  suffixes
    .get(level)
    ?.flatMap((suffix) => [
      `packages/*/src/**/*.${suffix}.ts`,
      `apps/*/src/**/*.${suffix}.ts`,
      `acceptance/src/**/*.${suffix}.ts`,
      `bench/src/**/*.${suffix}.ts`,
      `scripts/*.${suffix}.ts`,
    ]);

/**
 * After a run of `default` with every part of the system there, these files of `full` remain: its own, and those that do more in it
 * (`STOWAGE_TEST_LEVEL`).
 */
export const isLeftByDefault = (file: string, text: string): boolean =>
  file.endsWith(".test-full.ts") || text.includes("process.env.STOWAGE_TEST_LEVEL");
