// Which test files share a process: a process for each costs 0.2 to 0.6 s of CPU, most of it to load the same modules
// again (decision record 0053).
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** With larger groups the cores are not busy alike at the end; smaller ones load more. */
const filesInGroup = 12;

/** What they change stays for all of a process: what libvips opens, and from where. */
export const ownProcess: ReadonlySet<string> = new Set([
  "packages/inspect/src/examine-svg.test.ts",
  "packages/inspect/src/restrict-loaders.test.ts",
]);

const isShared = (file: string): boolean => file.endsWith(".test.ts") && !ownProcess.has(file);
const packageOf = (file: string): string => file.split("/").slice(0, 2).join("/");

/**
 * Quick tests in groups, package by package: they leave nothing that outlives them. All others by themselves.
 *
 * @param files paths below the checkout's root
 * @returns all of them, each once
 */
export function groupTests(files: readonly string[]): string[][] {
  const alone = files.filter((file) => !isShared(file)).map((file) => [file]);
  const packages = Map.groupBy(files.filter(isShared), packageOf);
  const groups = [...packages.values()].flatMap((ofPackage) => {
    const count = Math.ceil(ofPackage.length / filesInGroup);
    // Dealt like cards: files of one folder take about as long as each other.
    return Array.from({ length: count }, (_, group) => ofPackage.filter((_file, at) => at % count === group));
  });
  return [...alone, ...groups];
}

/**
 * Writes a program into `directory` for each group of several files.
 *
 * @param root of the checkout, which Node's runner is started in
 * @returns what the runner is given
 */
export function writeGroups(
  groups: readonly (readonly string[])[],
  { root, directory }: { readonly root: string; readonly directory: string },
): string[] {
  return groups.map((files, at) => {
    const [first] = files;
    if (first !== undefined && files.length === 1) return first;
    const program = join(directory, `${String(at).padStart(3, "0")}.test.mjs`);
    writeFileSync(program, programOf(files, root));
    return program;
  });
}

/** Hooks and tests of a module belong to the suite that imports it, so that no file's hooks run around another's tests. */
function programOf(files: readonly string[], root: string): string {
  const suites = files.map((file) => [file, pathToFileURL(join(root, file)).href]);
  return [
    `import { suite } from "node:test";`,
    `for (const [name, url] of ${JSON.stringify(suites)})`,
    `  suite(name, async () => {`,
    `    await import(url);`,
    `  });`,
    ``,
  ].join("\n");
}
