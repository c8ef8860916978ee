import {
  type FindingKind,
  isFault,
  type ReconcileReport,
  type ReconcileStep,
  reconcile,
  TooManyOrphansError,
} from "@stowage/core";
import { type CommandContext, CommandError, type ExitStatus } from "../../cli/command.ts";
import { jsonLine } from "../../cli/escape-text.ts";
import { dataDirOf } from "../../cli/remote/find-server.ts";
import { formatSize } from "../../cli/terminal/format-size.ts";
import { createProgressDisplay } from "../../cli/terminal/progress-display.ts";
import { systemClock } from "../adapters.ts";
import { type DataDirectoryStores, withDataDirectoryStores } from "../data-directory-stores.ts";
import { newSha256 } from "../streaming-sha256.ts";
import { describeFinding } from "./describe-finding.ts";
import { createPace } from "./pace-bytes.ts";

export interface ReconcileCommandOptions {
  readonly dryRun: boolean;
  readonly deep: boolean;
  readonly evenMost: boolean;
  readonly minAgeSeconds: number;
  /** 0 = none. */
  readonly maxBytesPerSecond: number;
}

/**
 * Reconciles the data directory that a command means; findings on standard output, progress and a summary on standard
 * error. 1 where a fault is left.
 *
 * @throws CommandError where it can't, or had better not
 */
export async function reconcileDataDirectory(
  context: CommandContext,
  options: ReconcileCommandOptions,
): Promise<ExitStatus> {
  try {
    return await withDataDirectoryStores(dataDirOf(context), (stores) => run(context, options, stores), {
      changesNothing: options.dryRun,
    });
  } catch (error) {
    if (!(error instanceof TooManyOrphansError)) throw error;
    throw new CommandError(
      `${error.message} Look with --dry-run; if they are litter indeed, --even-most removes them.`,
      1,
      { cause: error },
    );
  }
}

const stepWords: Readonly<Record<ReconcileStep, string>> = {
  objects: "Objects looked at",
  versions: "Versions held to their objects",
  files: "Files held to their lists",
  people: "People recounted",
};

/** A word now and then where there is no terminal to draw on. */
const sayEveryMs = 30_000;

async function run(
  context: CommandContext,
  { dryRun, deep, evenMost, minAgeSeconds, maxBytesPerSecond }: ReconcileCommandOptions,
  stores: DataDirectoryStores,
): Promise<ExitStatus> {
  const { json, out, say, signal } = context;
  const pace = createPace(maxBytesPerSecond, signal);
  const found = new Map<FindingKind, number>();
  let faults = 0;
  let readBytes = 0;
  let at: { readonly step: ReconcileStep; readonly done: number } = { step: "objects", done: 0 };
  const standing = () =>
    `${stepWords[at.step]}: ${at.done}${readBytes > 0 ? `, ${formatSize(readBytes)} read` : ""}`;
  let saidAtMs = performance.now();
  const display = createProgressDisplay(context.stderr, (columns) => [standing().slice(0, columns)]);
  const progress = () => {
    display.refresh();
    if (context.stderr.isTTY === true || performance.now() - saidAtMs < sayEveryMs) return;
    saidAtMs = performance.now();
    say(standing());
  };

  let report: ReconcileReport;
  try {
    report = await reconcile(
      { ...stores, clock: systemClock },
      {
        dryRun,
        minAgeMs: minAgeSeconds * 1000,
        evenMost,
        signal,
        ...(deep && {
          deep: {
            newSha256,
            onBytes: async (count: number) => {
              readBytes += count;
              progress();
              await pace(count);
            },
          },
        }),
        onFinding: (finding) => {
          found.set(finding.kind, (found.get(finding.kind) ?? 0) + 1);
          if (isFault(finding)) faults += 1;
          display.print(() => out(json ? jsonLine(finding) : describeFinding(finding)));
        },
        onProgress: (step, done) => {
          at = { step, done };
          progress();
        },
      },
    );
  } finally {
    display.end();
  }
  if (json)
    out(jsonLine({ kind: "summary", dryRun, ...report, findings: Object.fromEntries(found), faults }));
  else for (const line of summaryOf(report, found, faults)) say(line);
  return faults > 0 ? 1 : 0;
}

function summaryOf(
  report: ReconcileReport,
  found: ReadonlyMap<FindingKind, number>,
  faults: number,
): string[] {
  const { objects, objectBytes, versions, derivatives, people, readBytes } = report;
  const looked = `Looked at ${count(objects, "object")} (${formatSize(objectBytes)}), ${count(versions, "version")} with ${count(derivatives, "derivative")}, ${count(people, "person", "people")}.`;
  const read = readBytes > 0 ? ` Read ${formatSize(readBytes)}.` : "";
  const total = [...found.values()].reduce((sum, each) => sum + each, 0);
  if (total === 0) return [`${looked}${read}`, "All is as it should be."];
  const mended = total - faults;
  return [
    `${looked}${read}`,
    faults === 0
      ? `${count(mended, "thing")} told above; nothing is missing or damaged.`
      : `${count(faults, "thing")} wrong that a person has to see to (docs/operations.md says how).`,
  ];
}

const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;
