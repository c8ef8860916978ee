import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";

/** One file of the built app, as it is sent. */
export interface Asset {
  /** Path on the web origin. */
  readonly path: string;
  readonly contentType: string;
  readonly body: Buffer;
  /** The body compressed, where that made it smaller. */
  readonly brotli?: Buffer;
  readonly gzip?: Buffer;
}

/** The built app, in memory: about a megabyte, and nothing of a request's ever becomes a path on the disk. */
export interface Site {
  /** Their names change with their content: they may be kept for ever. */
  readonly assets: readonly Asset[];
  /** The page, what its server says yet to be put in with `addServerFacts`. */
  readonly page: string;
  /** The service worker's script. */
  readonly worker: string;
}

const contentTypes: ReadonlyMap<string, string> = new Map([
  [".js", "text/javascript; charset=utf-8"],
  [".css", "text/css; charset=utf-8"],
  [".svg", "image/svg+xml"],
  [".woff2", "font/woff2"],
  [".txt", "text/plain; charset=utf-8"],
]);

export const pageFile = "index.html";
export const workerFile = "stowage-sw.js";
/** The service worker for sites of others. */
export const loneWorkerFile = "lone-stowage-sw.js";
export const assetsFolder = "assets";

/** Reads a built site. */
export async function readSite(directory: string): Promise<Site> {
  const folder = join(directory, assetsFolder);
  const names = await readdir(folder);
  const [page, worker, ...contents] = await Promise.all([
    readFile(join(directory, pageFile), "utf8"),
    readFile(join(directory, workerFile), "utf8"),
    ...names.map((name) => readFile(join(folder, name))),
  ]);
  const byName = new Map(names.map((name, index) => [name, contents[index]]));
  const assets = names.flatMap((name): Asset[] => {
    const body = byName.get(name);
    const contentType = contentTypes.get(extname(name));
    if (!body || !contentType) return [];
    const brotli = byName.get(`${name}.br`);
    const gzip = byName.get(`${name}.gz`);
    return [
      {
        path: `/${assetsFolder}/${name}`,
        contentType,
        body,
        ...(brotli && { brotli }),
        ...(gzip && { gzip }),
      },
    ];
  });
  return { assets, page, worker };
}
