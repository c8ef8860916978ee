import { chmodSync } from "node:fs";
import { getCompileCacheDir } from "node:module";
import { dirname } from "node:path";

/**
 * Where the processes keep what Node makes of their code: beside what it made of the command's, so that only the first
 * start of a checkout compiles, whatever its data directory is; without it each process needs 20 MB more, to strip types.
 * In the data directory's `cache/` where the command has none, or none of its own: it is no checkout, or may not write
 * there. What is in it is run: it becomes its owner's alone.
 */
export function compileCacheDirectory(dataDirCache: string): string {
  // Node names the folder in it after its version and the person (nodejs.org/api/module.html#module-compile-cache).
  const ofCommand = getCompileCacheDir();
  if (ofCommand === undefined) return dataDirCache;
  try {
    chmodSync(ofCommand, 0o700);
    return dirname(ofCommand);
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "EPERM" || error.code === "EROFS"))
      return dataDirCache;
    throw error;
  }
}
