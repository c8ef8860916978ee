import { readFileSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";
import { parseSync } from "oxc-parser";

/** What each workspace may import of ours (docs/architecture: Packages). */
export const allowedArrows: ReadonlyMap<string, readonly string[]> = new Map([
  ["protocol", []],
  ["core", ["protocol"]],
  ["sigv4", []],
  ["s3", ["core", "sigv4"]],
  ["clamd", ["core"]],
  ["bucket", ["sigv4"]],
  ["issuer", []],
  ["sql", ["core"]],
  ["dynamodb", ["core"]],
  ["inspect", []],
  ["api", ["core", "protocol"]],
  ["client", ["protocol"]],
  ["backend", ["client"]],
  ["web-session", []],
  ["fault-proxy", []],
  ["react", ["client"]],
  ["web", ["client", "react"]],
  ["react-native", ["client", "react"]],
  ["acceptance", []],
  ["bench", ["client"]],
]);

/** Workspaces that may import any package of ours: the composition roots. */
const compositionRoots: ReadonlySet<string> = new Set(["stowage", "mobile", "aws"]);

/** Workspaces whose shipped code does no I/O of its own: no `node:` module. */
const pure: ReadonlySet<string> = new Set(["protocol", "core", "client"]);

/** Where in a workspace of these the platform itself comes in: an entry of its own, which nothing outside it imports. */
const platformFolders: ReadonlyMap<string, string> = new Map([["client", join("src", "node")]]);

/** Never part of what is shipped: tests import it, and the workspaces that are nothing but tests and benches. */
const testsOnly: ReadonlySet<string> = new Set(["fault-proxy"]);
const unshipped: ReadonlySet<string> = new Set(["acceptance", "bench"]);

/** Workspaces that others of ours import for their types alone. */
const typesOnly: ReadonlySet<string> = new Set(["client>protocol"]);

export interface Workspace {
  /** The folder's name under packages/ or apps/, `acceptance` or `bench`. */
  readonly name: string;
  readonly directory: string;
  readonly dependencies: readonly string[];
  readonly devDependencies: readonly string[];
}

export interface Violation {
  readonly file: string;
  readonly specifier: string;
  readonly why: string;
}

interface Import {
  readonly specifier: string;
  readonly isType: boolean;
}

const isTestFile = (file: string): boolean =>
  /\.(test|test-slow|test-full|contract|testing)\.tsx?$/.test(file);

const packageOf = (specifier: string): string =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");

/** Every module that a source file names: static and dynamic imports, and re-exports. */
export function importsOf(file: string, source: string): Import[] {
  const { module, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const imports: Import[] = [];
  for (const statement of module.staticImports)
    imports.push({
      specifier: statement.moduleRequest.value,
      isType: statement.entries.length > 0 && statement.entries.every((entry) => entry.isType),
    });
  for (const statement of module.staticExports)
    for (const entry of statement.entries)
      if (entry.moduleRequest) imports.push({ specifier: entry.moduleRequest.value, isType: entry.isType });
  for (const dynamic of module.dynamicImports) {
    const text = source.slice(dynamic.moduleRequest.start, dynamic.moduleRequest.end);
    const literal = /^["'`]([^"'`$]+)["'`]$/.exec(text)?.[1];
    if (literal !== undefined) imports.push({ specifier: literal, isType: false });
  }
  return imports;
}

/** Says why a workspace's file may not import a module, or nothing when it may. */
export function whyForbidden(
  workspace: Workspace,
  file: string,
  { specifier, isType }: Import,
): string | undefined {
  const isOfPlatform = isBelow(relative(workspace.directory, file), platformFolders.get(workspace.name));
  const isPure = pure.has(workspace.name) && !isTestFile(file) && !isOfPlatform;
  if (specifier.startsWith(".")) {
    const target = relative(workspace.directory, resolve(dirname(file), specifier));
    if (target.startsWith(`..${sep}`) || target === "..") return "leaves its package by a path";
    return isPure && isBelow(target, platformFolders.get(workspace.name))
      ? "makes portable code depend on a platform"
      : undefined;
  }
  if (specifier.startsWith("node:")) return isPure ? "does I/O in a package that has none" : undefined;

  const name = packageOf(specifier);
  const declared =
    workspace.dependencies.includes(name) || (isTestFile(file) && workspace.devDependencies.includes(name));
  const ours = name === "stowage" ? "stowage" : /^@stowage\/(.+)$/.exec(name)?.[1];
  if (ours !== undefined && testsOnly.has(ours)) {
    if (!unshipped.has(workspace.name) && !isTestFile(file)) return "is for tests and benches alone";
  } else if (ours !== undefined && !compositionRoots.has(workspace.name)) {
    if (!allowedArrows.get(workspace.name)?.includes(ours))
      return `is an arrow that the design does not have`;
    if (typesOnly.has(`${workspace.name}>${ours}`) && !isType && !isTestFile(file))
      return "imports more than types";
  }
  if (!declared && ours !== undefined) return "is not declared in package.json";
  if (!declared && !(isTestFile(file) && rootTestPackages.has(name)))
    return "is not declared in package.json";
  return undefined;
}

const isBelow = (path: string, folder: string | undefined): boolean =>
  folder !== undefined && path.startsWith(folder + sep);

/** Declared once at the root, for tests only. */
const rootTestPackages: ReadonlySet<string> = new Set(["fast-check"]);

/** All wrong arrows of a workspace's source files. */
export function checkWorkspace(workspace: Workspace, files: readonly string[]): Violation[] {
  return files.flatMap((file) =>
    importsOf(file, readFileSync(file, "utf8")).flatMap((imported) => {
      const why = whyForbidden(workspace, file, imported);
      return why === undefined ? [] : [{ file, specifier: imported.specifier, why }];
    }),
  );
}
