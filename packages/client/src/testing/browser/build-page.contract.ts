import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** What a page asks for, by path: its modules, as the application's build makes them. */
export async function buildPage(entry: URL): Promise<ReadonlyMap<string, Uint8Array>> {
  const { outputFiles } = await build({
    entryPoints: { page: fileURLToPath(entry) },
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2023",
    conditions: ["source"],
    jsx: "automatic",
    minify: true,
    // Another build of React, which says what is wrong, is larger and slower.
    define: { "process.env.NODE_ENV": '"production"' },
    outdir: "/",
    write: false,
    logLevel: "silent",
  });
  return new Map(outputFiles.map(({ path, contents }) => [path, contents]));
}
