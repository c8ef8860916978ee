type Esbuild = typeof import("esbuild");

/** Builds under way in this process: they share esbuild's own process, which the last one ends. */
let underWay = 0;

/** Loaded only where there is something to build: most starts find the site as it should be. */
export async function withEsbuild<Result>(work: (esbuild: Esbuild) => Promise<Result>): Promise<Result> {
  const esbuild = await import("esbuild");
  underWay += 1;
  try {
    return await work(esbuild);
  } finally {
    underWay -= 1;
    if (underWay === 0) await esbuild.stop();
  }
}
