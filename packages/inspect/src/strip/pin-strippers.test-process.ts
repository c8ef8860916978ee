// Notes which sources the strippers' version stands for (decision 0024): `npm run pin-strippers -- same` after a change by which nothing more
// is left out of any file than before, `-- more` after any other: it raises the version, and what was said of older files is worked out anew.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pinnedPath, pinsOf, stripFolder, versionSources } from "./stripper-pins.test-data.ts";

const [change] = process.argv.slice(2);
if (change !== "same" && change !== "more") {
  process.stderr.write(
    "Say `same` or `more`: whether strippers leave out more of any file than they did before.\n",
  );
  process.exit(2);
}

const declaration = /(?<=^export const stripperVersion = )\d+(?=;$)/m;
let version = Number(declaration.exec(readFileSync(versionSources[0], "utf8"))?.[0]);
if (change === "more") {
  version += 1;
  for (const path of versionSources)
    writeFileSync(path, readFileSync(path, "utf8").replace(declaration, String(version)));
}
const pins = { version, sources: Object.fromEntries(pinsOf(stripFolder)) };
// An empty line between each two lets git put changes to neighbours together.
writeFileSync(pinnedPath, `${JSON.stringify(pins, null, 2).replaceAll(",\n", ",\n\n")}\n`);
process.stdout.write(`Version ${version} stands for ${join(stripFolder, "*.ts")} as they are now.\n`);
