// Which sources the strippers' version stands for: `stripper-pins.json` is written by `scripts/pin-strippers.ts`, a line for each source, so
// that changes to two of them go together.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
export const stripFolder = fileURLToPath(new URL(".", import.meta.url));
export const pinnedPath = join(stripFolder, "stripper-pins.json");
const versionSource = join(stripFolder, "stripper-version.ts");
/** Where the version is written: here, and for those who keep what was said. */
export const versionSources = [
  versionSource,
  fileURLToPath(new URL("../../../core/src/rendition.ts", import.meta.url)),
];
/** Of each source of strippers, tests left out, a digest. */
export function pinsOf(folder) {
  const names = readdirSync(folder).filter(
    (name) =>
      /\.ts$/.test(name) && !/\.test(-[a-z]+)?\.ts$/.test(name) && join(folder, name) !== versionSource,
  );
  return new Map(
    names.sort().map((name) => {
      const digest = createHash("sha256")
        .update(readFileSync(join(folder, name)))
        .digest("hex");
      return [name, digest.slice(0, 16)];
    }),
  );
}
//# sourceMappingURL=stripper-pins.test-data.js.map
