import { existsSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * What a process must read to run a module: the folder it lies in, the `package.json` that says what kind of
 * JavaScript that is, and every `node_modules` that its imports may be found in (Node.js, "Modules: Packages").
 */
export function readableCode(module: string): readonly string[] {
  const path = realpathSync(module);
  const ancestors = ancestorsOf(path);
  const package_ = ancestors.map((folder) => join(folder, "package.json")).find((file) => existsSync(file));
  const dependencies = ancestors.map((folder) => join(folder, "node_modules")).filter((it) => existsSync(it));
  return [dirname(path), ...(package_ ? [package_] : []), ...dependencies];
}

/** Of an absolute path, from the nearest to the root. */
export function ancestorsOf(path: string): readonly string[] {
  const folder = dirname(path);
  return folder === path ? [] : [folder, ...ancestorsOf(folder)];
}
