import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";

/** The folder of real files, where the environment names one that exists. */
export const corpusDir: string | undefined =
  process.env.STOWAGE_CORPUS && existsSync(process.env.STOWAGE_CORPUS)
    ? process.env.STOWAGE_CORPUS
    : undefined;

/** For a test's `skip` option: the reason, or false. */
export const withoutCorpus: string | false = corpusDir === undefined ? "STOWAGE_CORPUS is not set" : false;

const contentTypes: ReadonlyMap<string, string> = new Map([
  [".jpg", "image/jpeg"],
  [".jpeg", "image/jpeg"],
  [".png", "image/png"],
  [".webp", "image/webp"],
  [".gif", "image/gif"],
  [".tif", "image/tiff"],
  [".tiff", "image/tiff"],
  [".avif", "image/avif"],
  [".svg", "image/svg+xml"],
  [".jp2", "image/jp2"],
  [".pdf", "application/pdf"],
]);

/** What a browser would declare for a file of that name. */
export const contentTypeOf = (name: string): string =>
  contentTypes.get(extname(name).toLowerCase()) ?? "application/octet-stream";

export interface CorpusFile {
  readonly name: string;
  readonly path: string;
  readonly contentType: string;
  read(): Buffer;
}

/** The files of a folder of the corpus, by name. */
export function corpusFiles(folder: string): CorpusFile[] {
  if (corpusDir === undefined) return [];
  const directory = join(corpusDir, folder);
  return readdirSync(directory)
    .filter((name) => extname(name) !== "")
    .sort()
    .map((name) => {
      const path = join(directory, name);
      return { name, path, contentType: contentTypeOf(name), read: () => readFileSync(path) };
    });
}
