import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/**
 * What a page asks for, by path: its modules, as the application's build makes them.
 *
 * @param isDevelopment - with the builds of libraries that say what is wrong: larger, slower, and the only ones in which React's
 *   strict mode does anything
 */
export async function buildPage(entry: URL, isDevelopment = false): Promise<ReadonlyMap<string, Uint8Array>> {
  const { outputFiles } = await build({
    entryPoints: { page: fileURLToPath(entry) },
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2023",
    conditions: ["source"],
    jsx: "automatic",
    minify: true,
    define: { "process.env.NODE_ENV": isDevelopment ? '"development"' : '"production"' },
    outdir: "/",
    write: false,
    logLevel: "silent",
  });
  return new Map(outputFiles.map(({ path, contents }) => [path, contents]));
}
