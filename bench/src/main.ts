// Measures the product side by side with its peers: npm run bench [-- [NAME…] [--files N] [--creates N] [--rows N] [--rounds N]]
// Linux only: CPU is read from /proc. Prints a table, and writes bench/results/NAME.json.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { faults } from "./measures/faults.ts";
import type { Measure } from "./measures/measure.ts";
import { p1 } from "./measures/p1.ts";
import { p2a } from "./measures/p2a.ts";
import { p2b } from "./measures/p2b.ts";
import { p3 } from "./measures/p3.ts";
import { p4 } from "./measures/p4.ts";
import { p5 } from "./measures/p5.ts";
import { p7 } from "./measures/p7.ts";
import { p8 } from "./measures/p8.ts";
import { p9 } from "./measures/p9.ts";
import { describeMachine } from "./report/machine.ts";
import { type Summary, summarise, tableOf } from "./report/summary.ts";

const measures: readonly Measure[] = [p1, p2a, p2b, p3, p4, p5, p7, p8, p9, faults];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    files: { type: "string" },
    creates: { type: "string" },
    rows: { type: "string" },
    rounds: { type: "string", default: "3" },
    // Where the data of both sides goes: the disk that is measured.
    directory: { type: "string", default: process.env.TMPDIR ?? "/tmp" },
  },
});
const wanted = positionals.length === 0 ? measures.map(({ name }) => name) : positionals;
const unknown = wanted.find((name) => !measures.some((measure) => measure.name === name));
if (unknown !== undefined) {
  process.stderr.write(`No measure "${unknown}": ${measures.map(({ name }) => name).join(", ")}\n`);
  process.exit(2);
}
const chosen = measures.filter(({ name }) => wanted.includes(name));

const results = join(import.meta.dirname, "../results");
mkdirSync(results, { recursive: true });
const summaries: Summary[] = [];
for (const measure of chosen) {
  const directory = mkdtempSync(join(values.directory, "stowage-bench-"));
  try {
    const machine = describeMachine(directory);
    const figures = await measure.run({
      directory,
      filesPerRun: Number(values.files ?? 800),
      ...(values.files !== undefined && { files: Number(values.files) }),
      rounds: Number(values.rounds),
      ...(values.creates !== undefined && { creates: Number(values.creates) }),
      ...(values.rows !== undefined && { rows: Number(values.rows) }),
      fdatasyncMs: machine.fdatasyncMs,
      say: (line) => process.stderr.write(`${line}\n`),
    });
    const summarised = figures.map(summarise);
    summaries.push(...summarised);
    const rounds = figures.flatMap((figure) =>
      "rounds" in figure ? [{ name: figure.name, rounds: figure.rounds }] : [],
    );
    writeFileSync(
      join(results, `${measure.name}.json`),
      `${JSON.stringify({ machine, summaries: summarised, rounds }, null, 2)}\n`,
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
process.stdout.write(tableOf(summaries));
process.exit(0);
