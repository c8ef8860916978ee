import type { Command, CommandContext, ExitStatus } from "../../cli/command.ts";
import { hasOption, textOption } from "../../cli/parse-options.ts";
import { dataOption } from "../../cli/remote/remote-options.ts";

export const rederiveCommand: Command = {
  name: "rederive",
  synopsis: "[--profile P] [--dry-run] [--data DIR]",
  summary: "Have derivatives made anew after a profile was changed",
  description: [
    "Works on the data directory, whether the server runs or not: asks for every derivative that a version lacks by its",
    "profile as the server that runs has it, or else DIR/stowage.json, or has made otherwise. The worker makes them;",
    "until each is there the old one is shown, and afterwards that is deleted. What others get of a file (rendition) is worked",
    "out anew where an older Stowage did that, whose strippers left out less.",
    "",
    "  stowage rederive --dry-run          count them, and ask for nothing",
    "  stowage rederive --profile report   only what was sent under that profile",
  ].join("\n"),
  options: {
    profile: { type: "string", argument: "P", help: "Only what was sent under this profile" },
    "dry-run": { type: "boolean", help: "Look, and ask for nothing" },
    set: {
      type: "string",
      multiple: true,
      argument: "KEY=VALUE",
      help: "A setting that stowage up is to be started with, where no server runs: profiles, if not in the file",
    },
    ...dataOption,
  },
  positionals: { min: 0, max: 0 },
  run: runRederive,
};

async function runRederive(context: CommandContext): Promise<ExitStatus> {
  const profile = textOption(context, "profile");
  const given = context.options.get("set");
  // Loaded when it is run: the list of commands must not wait for a server's code.
  const { rederiveDataDirectory } = await import("./rederive-data-directory.ts");
  return rederiveDataDirectory(context, {
    dryRun: hasOption(context, "dry-run"),
    assignments: Array.isArray(given) ? given.map(String) : [],
    ...(profile === undefined ? {} : { profile }),
  });
}
