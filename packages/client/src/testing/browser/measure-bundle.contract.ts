import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** What a bundle weighs on its way to a browser, by its files: the entry is `entry.js`, the others are loaded lazily. */
export interface BundleSize {
  readonly totalGzipBytes: number;
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
  const { outputFiles } = await build({
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
    logLevel: "silent",
  });
  const gzipBytesByFile = new Map(
    outputFiles.map(({ path, contents }) => [path.slice(1), gzipSync(contents, { level: 9 }).length]),
  );
  const totalGzipBytes = [...gzipBytesByFile.values()].reduce((sum, bytes) => sum + bytes, 0);
  return { totalGzipBytes, gzipBytesByFile };
}
