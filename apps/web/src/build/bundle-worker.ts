import { type AppSources, browserTargets } from "./bundle-app.ts";
import { withEsbuild } from "./with-esbuild.ts";

/** How what is made here begins: so it is told from a service worker that is somebody's own. */
export const workerMark =
  "// Stowage's service worker, made by `stowage sw`: it is replaced by the next one.";

/** Bundles the service worker: one script, which any page may register. */
export const bundleWorker = ({ root }: AppSources): Promise<string> =>
  withEsbuild(async (esbuild) => {
    const { outputFiles } = await esbuild.build({
      absWorkingDir: root,
      entryPoints: ["src/worker/stowage-sw.ts"],
      bundle: true,
      format: "iife",
      minify: true,
      target: browserTargets,
      conditions: ["source"],
      banner: { js: workerMark },
      write: false,
      logLevel: "silent",
    });
    return outputFiles.map(({ text }) => text).join("");
  });
