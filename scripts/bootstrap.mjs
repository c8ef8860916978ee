// Installs what the lockfile says, when it says something else than what is installed.
// Runs on Node 20 with built-ins only, before `npm start` and `npm test`.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const stampFile = join(root, "node_modules", ".stowage-lockfile-sha256");
const wanted = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
const installed = existsSync(stampFile) ? readFileSync(stampFile, "utf8").trim() : "";

if (installed !== wanted) {
  process.stderr.write("Installing Stowage's packages (once per change of package-lock.json)…\n");
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const result = spawnSync(
    npm,
    ["ci", "--ignore-scripts", "--engine-strict=false", "--no-audit", "--no-fund", "--loglevel=error"],
    {
      cwd: root,
      // The caller's standard output belongs to the command that runs next (it may be JSON).
      stdio: ["ignore", 2, 2],
      shell: process.platform === "win32",
    },
  );
  if (result.status !== 0) {
    process.stderr.write("Stowage could not install its packages; npm says why above.\n");
    process.exit(1);
  }
  writeFileSync(stampFile, `${wanted}\n`);
}

const bundled = join(root, "node_modules", ".bin", process.platform === "win32" ? "node.cmd" : "node");
if (!existsSync(bundled) && Number(process.versions.node.split(".")[0]) < 24) {
  process.stderr.write(
    `Stowage needs Node 24 or newer; this is ${process.versions.node}, and no Node is published to npm for ${process.platform}-${process.arch}: install Node 24.\n`,
  );
  process.exit(1);
}
