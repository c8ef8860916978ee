import type { Command, CommandContext, ExitStatus } from "../../cli/command.ts";
import { hasOption, numberOption } from "../../cli/parse-options.ts";
import { dataOption } from "../../cli/remote/remote-options.ts";

const secondsPerDay = 24 * 3600;

export const reconcileCommand: Command = {
  name: "reconcile",
  synopsis: "[--dry-run] [--deep] [--data DIR]",
  summary: "Hold the database and the bucket to one another",
  description: [
    "Works on the data directory, whether the server runs or not. Removes objects that no row speaks of, sets counters",
    "and lists right, and tells which versions have lost their object. With --deep every object is read whole and held to its",
    "SHA-256. Ends with 1 where something is missing or damaged; such a file is left as it is.",
    "",
    "  stowage reconcile --dry-run         look, and change nothing",
    "  stowage reconcile --deep --max-bytes-per-second 50000000",
  ].join("\n"),
  options: {
    "dry-run": { type: "boolean", help: "Look, and change nothing" },
    deep: { type: "boolean", help: "Read every object whole, and compare its SHA-256" },
    "max-bytes-per-second": { type: "string", argument: "N", help: "Read no faster than that with --deep" },
    "older-than": {
      type: "string",
      argument: "SECONDS",
      help: "Objects without a row are left alone until they are so old (default 86400)",
    },
    "even-most": { type: "boolean", help: "Remove them even where most objects have no row" },
    ...dataOption,
  },
  positionals: { min: 0, max: 0 },
  run: runReconcile,
};

async function runReconcile(context: CommandContext): Promise<ExitStatus> {
  const options = {
    dryRun: hasOption(context, "dry-run"),
    deep: hasOption(context, "deep"),
    evenMost: hasOption(context, "even-most"),
    minAgeSeconds: numberOption(context, "older-than", { min: 0, max: 1_000_000_000 }) ?? secondsPerDay,
    maxBytesPerSecond: numberOption(context, "max-bytes-per-second", { min: 1, max: 1e12 }) ?? 0,
  };
  // Loaded when it is run: the list of commands must not wait for a server's code.
  const { reconcileDataDirectory } = await import("./reconcile-data-directory.ts");
  return reconcileDataDirectory(context, options);
}
