// Changes the predicates in packages/core/src/policy in every small way, one at a time, and runs their tests on each: whatever they
// don't notice is a rule that nothing holds. Exit 1 where one survives that scripts/policy-mutants.json does not explain.
//   node --conditions=source scripts/mutate-policy.ts [PART OF A FILE'S NAME…]
import { globSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { basename, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import fc from "fast-check";
import { type Mutant, mutantsOf } from "./mutants.ts";

const scripts = dirname(fileURLToPath(import.meta.url));
const folder = join(scripts, "..", "packages", "core", "src", "policy");

/** A mutant that no test can notice, or that none needs to. */
interface Explained extends Pick<Mutant, "was" | "now" | "line"> {
  readonly file: string;
  readonly because: string;
}

interface CollectedTest {
  readonly name: string;
  readonly run: () => unknown;
}

// Every mutant's modules are loaded anew, under addresses of their own; their tests are collected, not run by Node.
let collected: CollectedTest[] = [];
Object.assign(globalThis, {
  collectTest: (name: string, run: () => unknown) => collected.push({ name, run }),
});
const collector = `data:text/javascript,${encodeURIComponent("export const test = globalThis.collectTest;")}`;
const loaded = new Map<string, string>();

registerHooks({
  resolve(specifier, context, next) {
    const query = /\?mutant=\d+$/.exec(context.parentURL ?? "")?.[0];
    if (query === undefined) return next(specifier, context);
    if (specifier === "node:test") return { url: collector, shortCircuit: true };
    const resolved = next(specifier, context);
    const isPolicy = resolved.url.startsWith(pathToFileURL(folder).href);
    return isPolicy ? { ...resolved, url: `${resolved.url}${query}` } : resolved;
  },
  load(url, context, next) {
    const source = loaded.get(url);
    return source === undefined
      ? next(url, context)
      : { format: "module-typescript", source, shortCircuit: true };
  },
});

const testFiles = globSync("*.test.ts", { cwd: folder }).sort();
// The same tests for every mutant: whether one survives must not depend on luck.
fc.configureGlobal({ seed: 1, endOnFailure: true });

let count = 0;

/** The first test that notices, if one does. */
async function killerOf(file: string, source: string): Promise<string | undefined> {
  count += 1;
  loaded.set(`${pathToFileURL(join(folder, file)).href}?mutant=${count}`, source);
  const own = file.replace(".ts", ".test.ts");
  for (const testFile of testFiles.toSorted((one, other) => Number(other === own) - Number(one === own))) {
    collected = [];
    try {
      await import(`${pathToFileURL(join(folder, testFile)).href}?mutant=${count}`);
    } catch (error) {
      if (error instanceof SyntaxError) throw new Error(`A mutant of ${file} is no program:\n${source}`);
      return `${testFile}: could not be loaded`;
    }
    for (const { name, run } of collected)
      try {
        await run();
      } catch {
        return `${testFile}: ${name}`;
      }
  }
  return undefined;
}

const parts = process.argv.slice(2);
const files = globSync("*.ts", { cwd: folder })
  .filter((file) => !file.endsWith(".test.ts"))
  .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)))
  .sort();
const explained = (
  JSON.parse(readFileSync(join(scripts, "policy-mutants.json"), "utf8")) as readonly Explained[]
).filter(({ file }) => files.includes(file));
const met = new Set<Explained>();
let wrong = 0;
const complain = (text: string) => {
  wrong += 1;
  process.stderr.write(`${text}\n`);
};

for (const file of files) {
  const source = readFileSync(join(folder, file), "utf8");
  const untouched = await killerOf(file, source);
  if (untouched !== undefined) complain(`The tests fail as it is: ${untouched}`);
  const mutants = mutantsOf(file, source);
  let survivors = 0;
  for (const { start, end, was, now, line } of mutants) {
    if ((await killerOf(file, source.slice(0, start) + now + source.slice(end))) !== undefined) continue;
    survivors += 1;
    const known = explained.find(
      (one) => one.file === file && one.was === was && one.now === now && one.line === line,
    );
    if (known) met.add(known);
    else complain(`No test notices: ${JSON.stringify({ file, was, now, line, because: "" })}`);
  }
  process.stdout.write(`${basename(file)}: ${mutants.length} mutants, ${survivors} survived\n`);
}
for (const one of explained)
  if (!met.has(one)) complain(`Explained, but noticed or gone: ${JSON.stringify(one)}`);
process.exit(wrong > 0 ? 1 : 0);
