import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Shell } from "../worker/keep-shell.ts";
import { type AppSources, type BundledApp, browserTargets } from "./bundle-app.ts";
import { withEsbuild } from "./with-esbuild.ts";

/** How what is made here begins: so it is told from a service worker that is somebody's own. */
export const workerMark = "// Stowage's service worker, by `stowage sw`, which replaces it.";

/** Bundles the service worker that sends: one script, which any page may register. */
export const bundleWorker = (sources: AppSources): Promise<string> =>
  bundle(sources, "src/worker/stowage-sw.ts", {});

/**
 * Bundles the application's own, which also keeps what the application is made of.
 *
 * @param folder - holds the app's assets
 */
export async function bundleSiteWorker(
  sources: AppSources,
  { assets }: BundledApp,
  folder: string,
): Promise<string> {
  const entries = await Promise.all(
    assets.toSorted().map(async (name) => {
      const digest = createHash("sha256").update(await readFile(join(folder, name)));
      return [`/assets/${name}`, `sha256-${digest.digest("base64")}`] as const;
    }),
  );
  const key = createHash("sha256").update(entries.join()).digest("base64url").slice(0, 12);
  const stowageShell = JSON.stringify({ key, assets: Object.fromEntries(entries) } satisfies Shell);
  return bundle(sources, "src/worker/site-sw.ts", { stowageShell });
}

const bundle = ({ root }: AppSources, entry: string, define: Record<string, string>): Promise<string> =>
  withEsbuild(async (esbuild) => {
    const { outputFiles } = await esbuild.build({
      absWorkingDir: root,
      entryPoints: [entry],
      define,
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
