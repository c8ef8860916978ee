import { type Command, type CommandContext, type ExitStatus, UsageError } from "../../cli/command.ts";
import { hasOption, numberOption, textOption } from "../../cli/parse-options.ts";
import { dataOption } from "../../cli/remote/remote-options.ts";

export const verifyAuditCommand: Command = {
  name: "audit verify",
  synopsis: "[--export FILE] [--after N] [--checkpoints FILE] [--public-key FILE] [--strict] [--data DIR]",
  summary: "Find out whether the audit is what was written",
  description: [
    "Reads the audit of the data directory, whether the server runs or not, or an export of it, computes every hash",
    "anew and holds the chains to the signed checkpoints. Ends with 1 where an event was changed, deleted, put in or",
    "reordered, or the end was cut off, and says which.",
    "",
    "  stowage audit verify --checkpoints /mnt/other/checkpoints.jsonl",
    "  stowage audit verify --export audit.jsonl --checkpoints checkpoints.jsonl --public-key audit-key.pem",
  ].join("\n"),
  options: {
    export: { type: "string", argument: "FILE", help: "Verify this export, not a database" },
    after: {
      type: "string",
      argument: "N",
      help: "The export begins behind event N (default 0: with the first)",
    },
    checkpoints: {
      type: "string",
      argument: "FILE",
      help: "Checkpoints to hold it to (default those that the server writes)",
    },
    "public-key": {
      type: "string",
      argument: "FILE",
      help: "PEM of the key that signed them (default that of the data directory)",
    },
    strict: {
      type: "boolean",
      help: "Also without a server that runs, events of more than five minutes ago without a checkpoint are faults",
    },
    ...dataOption,
  },
  positionals: { min: 0, max: 0 },
  run: runVerify,
};

async function runVerify(context: CommandContext): Promise<ExitStatus> {
  // Loaded when it is run: the list of commands must not wait for a server's code.
  if (textOption(context, "after") !== undefined && textOption(context, "export") === undefined)
    throw new UsageError("--after N says where an export begins: it goes with --export FILE.");
  const { verifyAudit } = await import("./verify-audit.ts");
  return verifyAudit(context, {
    exportFile: textOption(context, "export"),
    checkpointFile: textOption(context, "checkpoints"),
    publicKeyFile: textOption(context, "public-key"),
    after: numberOption(context, "after", { min: 0, max: 1e15 }) ?? 0,
    isStrict: hasOption(context, "strict"),
  });
}
