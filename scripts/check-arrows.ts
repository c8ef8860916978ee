// Breaks the build on an import that the architecture does not have. Exit 1 with each one named.
import { globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { allowedArrows, checkWorkspace, type Workspace } from "./arrows.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");

const workspaces: Workspace[] = globSync(
  ["packages/*/package.json", "apps/*/package.json", "acceptance/package.json", "bench/package.json"],
  {
    cwd: root,
  },
).map((manifest) => {
  const {
    dependencies = {},
    devDependencies = {},
    peerDependencies = {},
  } = JSON.parse(readFileSync(join(root, manifest), "utf8")) as Record<
    string,
    Record<string, string> | undefined
  >;
  return {
    name: basename(dirname(manifest)),
    directory: join(root, dirname(manifest)),
    dependencies: [...Object.keys(dependencies), ...Object.keys(peerDependencies)],
    devDependencies: Object.keys(devDependencies),
  };
});

let fileCount = 0;
let wrong = 0;
for (const workspace of workspaces) {
  const files = globSync("src/**/*.{ts,tsx}", { cwd: workspace.directory }).map((file) =>
    join(workspace.directory, file),
  );
  fileCount += files.length;
  for (const { file, specifier, why } of checkWorkspace(workspace, files)) {
    process.stderr.write(`${file.slice(root.length + 1)}: "${specifier}" ${why}\n`);
    wrong += 1;
  }
  if (!allowedArrows.has(workspace.name) && !workspace.directory.includes("apps")) {
    process.stderr.write(`${workspace.name}: the table in scripts/arrows.ts does not know this package\n`);
    wrong += 1;
  }
}
if (fileCount === 0) {
  process.stderr.write("The check on arrows saw no file at all.\n");
  wrong += 1;
}
if (wrong > 0) process.exit(1);
process.stdout.write(`arrows: ${fileCount} files in ${workspaces.length} packages, none wrong\n`);
