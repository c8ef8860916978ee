import type { Command, CommandContext, ExitStatus } from "../../cli/command.ts";
import { jsonLine } from "../../cli/escape-text.ts";
import { dataDirOf } from "../../cli/remote/find-server.ts";
import { dataOption } from "../../cli/remote/remote-options.ts";
import { createProgressDisplay } from "../../cli/terminal/progress-display.ts";
import type { Diagnosis } from "./diagnosis.ts";
import { printDiagnosis } from "./print-diagnosis.ts";

export const doctorCommand: Command = {
  name: "doctor",
  synopsis: "[--data DIR]",
  summary: "Look for what is wrong with a server, and say how to mend it",
  description: [
    "Works on the data directory, whether the server runs or not, and changes nothing. Where it runs, its API and its",
    "bucket are asked; where it does not, the bucket is started for a moment. Reads the whole database. Ends with 1",
    "where something is wrong; a warning alone does not count.",
  ].join("\n"),
  options: dataOption,
  positionals: { min: 0, max: 0 },
  run: runDoctor,
};

const widestColumns = 100;
const defaultColumns = 80;

async function runDoctor(context: CommandContext): Promise<ExitStatus> {
  // Loaded when it is run: the list of commands must not wait for a server's code.
  const { diagnose } = await import("./diagnose.ts");
  const { json, out, say, signal, program, stdout, stderr } = context;
  const columns = Math.min(widestColumns, stdout.isTTY ? stdout.columns || defaultColumns : defaultColumns);
  const counts: Record<Diagnosis["status"], number> = { ok: 0, warning: 0, failed: 0, skipped: 0 };
  const display = createProgressDisplay(stderr, () => ["Looking…"]);
  display.refresh();
  try {
    const howToStart = program.startsWith("npm run") ? "npm start" : `${program} up`;
    const diagnoses = diagnose({
      dataDir: dataDirOf(context),
      nodeVersion: process.versions.node,
      howToStart,
      nowMs: Date.now,
    });
    for await (const diagnosis of diagnoses) {
      signal.throwIfAborted();
      counts[diagnosis.status] += 1;
      display.print(() => {
        if (json) out(jsonLine(diagnosis));
        else for (const line of printDiagnosis(diagnosis, columns)) out(line);
      });
    }
  } finally {
    display.end();
  }
  if (!json) say(`\n${summaryOf(counts)}`);
  return counts.failed > 0 ? 1 : 0;
}

function summaryOf({ failed, warning }: Record<Diagnosis["status"], number>): string {
  const warnings = warning === 0 ? "" : `${warning} ${warning === 1 ? "warning" : "warnings"}.`;
  if (failed > 0) return `${failed} ${failed === 1 ? "check fails" : "checks fail"}. ${warnings}`.trim();
  return warnings === "" ? "All is well." : `Nothing fails. ${warnings}`;
}
