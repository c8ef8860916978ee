import { type RescanFinding, type RescanReport, rescan, ScannerUnavailableError } from "@stowage/core";
import { type CommandContext, CommandError, type ExitStatus, UsageError } from "../../cli/command.ts";
import { jsonLine } from "../../cli/escape-text.ts";
import { dataDirOf } from "../../cli/remote/find-server.ts";
import { formatSize } from "../../cli/terminal/format-size.ts";
import { createProgressDisplay } from "../../cli/terminal/progress-display.ts";
import { readConfiguration } from "../configuration.ts";
import { type DataDirectoryStores, withDataDirectoryStores } from "../data-directory-stores.ts";
import { readRunning } from "../running.ts";
import { chooseScanner, type ScannerChoice } from "../scanning/choose-scanner.ts";
import { openScanner } from "../scanning/open-scanner.ts";
import { SettingError } from "../setting-error.ts";
import { describeRescanFinding } from "./describe-rescan-finding.ts";

export interface RescanCommandOptions {
  readonly releases: boolean;
  /** `KEY=VALUE`, over the data directory's file. */
  readonly assignments: readonly string[];
}

/** A word now and then where there is no terminal to draw on. */
const sayEveryMs = 30_000;

/**
 * Scans all of a data directory again; findings on standard output, progress and a summary on standard error. 3 where
 * something could not be scanned.
 *
 * @throws CommandError where there is no scanner, or it is away
 */
export async function rescanDataDirectory(
  context: CommandContext,
  { releases, assignments }: RescanCommandOptions,
): Promise<ExitStatus> {
  const dataDir = dataDirOf(context);
  const choice = await findScanner(dataDir, assignments);
  const scanner = openScanner(choice);
  if (!scanner || choice.kind === "none")
    throw new CommandError(
      `Nothing is to be scanned with: choose a scanner in ${dataDir}/stowage.json (docs/scanning.md), or with --set scanner=clamd.`,
    );
  try {
    return await withDataDirectoryStores(dataDir, (stores) =>
      run(context, { ...stores, scanner }, { releases, parallel: choice.connections }),
    );
  } catch (error) {
    if (!(error instanceof ScannerUnavailableError)) throw error;
    throw new CommandError(`${error.message} What was done before stays done; run it again.`, 1, {
      cause: error,
    });
  }
}

/** What was said now; else that of the server which was started last; else what the file says. */
async function findScanner(dataDir: string, assignments: readonly string[]): Promise<ScannerChoice> {
  try {
    const { values } = await readConfiguration(dataDir, assignments);
    const last = await readRunning(dataDir);
    const isSaid = assignments.some((assignment) => assignment.startsWith("scanner"));
    if (!isSaid && last?.scanner?.kind === "clamd") return last.scanner;
    return chooseScanner(values, last?.api ?? (values.publicUrl || "http://localhost"));
  } catch (error) {
    throw error instanceof SettingError ? new UsageError(error.message) : error;
  }
}

async function run(
  { json, out, say, signal, stderr }: CommandContext,
  ports: DataDirectoryStores & Parameters<typeof rescan>[0],
  options: { readonly releases: boolean; readonly parallel: number },
): Promise<ExitStatus> {
  let standing = "Looking…";
  let saidAtMs = performance.now();
  const display = createProgressDisplay(stderr, (columns) => [standing.slice(0, columns)]);
  let report: RescanReport;
  try {
    report = await rescan(ports, {
      ...options,
      signal,
      onFinding: (finding: RescanFinding) =>
        display.print(() => out(json ? jsonLine(finding) : describeRescanFinding(finding))),
      onProgress: (versions, bytes) => {
        standing = `Versions scanned: ${versions}, ${formatSize(bytes)} read`;
        display.refresh();
        if (stderr.isTTY === true || performance.now() - saidAtMs < sayEveryMs) return;
        saidAtMs = performance.now();
        say(standing);
      },
    });
  } finally {
    display.end();
  }
  if (json) out(jsonLine({ kind: "summary", ...report }));
  else for (const line of summaryOf(report)) say(line);
  return report.notScanned > 0 ? 3 : 0;
}

function summaryOf(report: RescanReport): string[] {
  const { versions, bytes, quarantined, stillFound, cleanNow, released, notScanned } = report;
  const parts = [
    ...(quarantined > 0 ? [`${quarantined} quarantined`] : []),
    ...(stillFound > 0 ? [`${stillFound} quarantined before and found again`] : []),
    ...(released > 0 ? [`${released} put back`] : []),
    ...(cleanNow > released ? [`${cleanNow - released} clean now: --release puts them back`] : []),
    ...(notScanned > 0 ? [`${notScanned} could not be scanned`] : []),
  ];
  return [
    `Scanned ${versions} ${versions === 1 ? "version" : "versions"} (${formatSize(bytes)}).`,
    parts.length === 0 ? "Nothing was found." : `${parts.join("; ")}.`,
  ];
}
