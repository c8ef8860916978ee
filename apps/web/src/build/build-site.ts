import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type AppSources, bundleApp } from "./bundle-app.ts";
import { bundleSiteWorker, bundleWorker } from "./bundle-worker.ts";
import { compressAssets } from "./compress-assets.ts";
import { pageOf } from "./page.ts";
import { assetsFolder, loneWorkerFile, pageFile, workerFile } from "./site.ts";
import { sourceKey } from "./source-key.ts";

export interface BuildOptions {
  readonly sources: AppSources;
  /** Other folders and files whose content goes into the bundle. */
  readonly alsoFrom: { readonly folders: readonly string[]; readonly files: readonly string[] };
  /** Folder that keeps built sites, each under the key of its sources. Made where it is missing. */
  readonly outputDirectory: string;
}

/** A site that no start has used for so long is removed. */
const unusedSiteLifeMs = 24 * 3600 * 1000;

const building = "building-";

/**
 * Builds the app where its sources have changed since, and says in which folder it is. The site is written aside and
 * renamed when it is whole: a start that is killed leaves no half of one, and starts at the same time agree.
 */
export async function buildSite({ sources, alsoFrom, outputDirectory }: BuildOptions): Promise<string> {
  const key = await sourceKey([join(sources.root, "src"), ...alsoFrom.folders], alsoFrom.files);
  const directory = join(outputDirectory, key);
  if (await isThere(join(directory, pageFile))) {
    await utimes(directory, new Date(), new Date());
    return directory;
  }
  await mkdir(outputDirectory, { recursive: true });
  const aside = await mkdtemp(join(outputDirectory, building));
  try {
    const assets = join(aside, assetsFolder);
    const app = await bundleApp(sources, assets);
    await compressAssets(assets);
    await writeFile(join(aside, workerFile), await bundleSiteWorker(sources, app, assets));
    await writeFile(join(aside, loneWorkerFile), await bundleWorker(sources));
    await writeFile(join(aside, pageFile), pageOf(app));
    // A temporary folder is its maker's alone; the account that runs the server may be another.
    await chmod(aside, 0o755);
    await rename(aside, directory);
  } catch (error) {
    await rm(aside, { recursive: true, force: true });
    // Another start was first with the same sources.
    if (!(await isThere(join(directory, pageFile)))) throw error;
  }
  await removeUnused(outputDirectory, key);
  return directory;
}

async function removeUnused(outputDirectory: string, key: string): Promise<void> {
  for (const name of await readdir(outputDirectory)) {
    if (name === key) continue;
    const directory = join(outputDirectory, name);
    const used = await stat(directory).catch(() => undefined);
    if (used && Date.now() - used.mtimeMs > unusedSiteLifeMs)
      await rm(directory, { recursive: true, force: true });
  }
}

const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
