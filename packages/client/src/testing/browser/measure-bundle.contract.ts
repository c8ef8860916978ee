import { basename } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** What a bundle weighs on its way to a browser, by its files: the entry is `entry.js`. */
export interface BundleSize {
  readonly totalGzipBytes: number;
  /** Of the entry and of all that is loaded with it; the rest is loaded lazily. */
  readonly entryGzipBytes: number;
  readonly gzipBytesByFile: ReadonlyMap<string, number>;
}

/**
 * Bundles and minifies what a program imports, as an application would.
 *
 * @param code - of the program
 * @param directory - where its imports are looked up from
 * @param external - packages that it brings itself
 */
export async function measureBundle(
  code: string,
  directory: string,
  external: readonly string[] = [],
): Promise<BundleSize> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: directory, sourcefile: "entry.js" },
    entryNames: "entry",
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    target: "es2023",
    conditions: ["source"],
    external: [...external],
    legalComments: "none",
    outdir: "/",
    write: false,
    metafile: true,
    logLevel: "silent",
  });
  const gzipBytesByFile = new Map(
    outputFiles.map(({ path, contents }) => [path.slice(1), gzipSync(contents, { level: 9 }).length]),
  );
  const totalGzipBytes = [...gzipBytesByFile.values()].reduce((sum, bytes) => sum + bytes, 0);
  const importsOf = new Map(
    Object.entries(metafile.outputs).map(([path, { imports }]) => [
      basename(path),
      imports.filter(({ kind }) => kind === "import-statement").map((imported) => basename(imported.path)),
    ]),
  );
  // Grows while it is walked.
  const eager = new Set(["entry.js"]);
  for (const name of eager) for (const imported of importsOf.get(name) ?? []) eager.add(imported);
  const entryGzipBytes = [...eager].reduce((sum, name) => sum + (gzipBytesByFile.get(name) ?? 0), 0);
  return { totalGzipBytes, entryGzipBytes, gzipBytesByFile };
}
