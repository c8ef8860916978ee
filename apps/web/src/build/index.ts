import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildSite } from "./build-site.ts";
import { bundleWorker } from "./bundle-worker.ts";
import { loneWorkerFile, readSite, type Site } from "./site.ts";

export { workerMark } from "./bundle-worker.ts";
export { addServerFacts, type ServerFacts } from "./page.ts";
export type { Asset, Site } from "./site.ts";

/** `apps/web`: this file is in `src/build` or in `dist/build`. */
const root = fileURLToPath(new URL("../..", import.meta.url));

/** The one site of a published package (`npm run build -w @stowage/web` makes it). */
const packagedSite = join(root, "dist", "site");

/** Sites of a checkout, under the keys of their sources. */
const builtSites = join(root, "dist", "sites");

export interface OpenSiteOptions {
  /** Keeps sites where `apps/web/dist` can't be written. */
  readonly fallbackDirectory: string;
}

/**
 * The built app: made from its sources where they are there and have changed (some 0.5 s), else as it was made.
 *
 * @throws Error where there is neither source nor site, or the sources don't build
 */
export async function openSite({ fallbackDirectory }: OpenSiteOptions): Promise<Site> {
  if (!(await isCheckout())) return readSite(packagedSite);
  try {
    return await readSite(await buildFromCheckout(builtSites));
  } catch (error) {
    if (!isReadOnly(error)) throw error;
    return readSite(await buildFromCheckout(fallbackDirectory));
  }
}

/** The service worker's script, for a site of somebody's own. It begins with `workerMark`. */
export const openWorker = async (): Promise<string> =>
  (await isCheckout()) ? bundleWorker({ root }) : readFile(join(packagedSite, loneWorkerFile), "utf8");

const isCheckout = async (): Promise<boolean> =>
  (await stat(join(root, "src", "app")).catch(() => undefined)) !== undefined;

/** Builds the site of this checkout below a folder, where its sources have changed; answers where it is. */
export function buildFromCheckout(outputDirectory: string): Promise<string> {
  const checkout = join(root, "../..");
  return buildSite({
    sources: { root },
    alsoFrom: {
      folders: [join(checkout, "packages/client/src"), join(checkout, "packages/react/src")],
      files: [join(checkout, "package-lock.json"), join(root, "package.json")],
    },
    outputDirectory,
  });
}

const isReadOnly = (error: unknown): boolean =>
  error instanceof Error && "code" in error && (error.code === "EACCES" || error.code === "EROFS");
