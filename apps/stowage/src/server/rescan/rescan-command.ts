import type { Command } from "../../cli/command.ts";
import { hasOption } from "../../cli/parse-options.ts";
import { dataOption } from "../../cli/remote/remote-options.ts";

export const rescanCommand: Command = {
  name: "rescan",
  synopsis: "[--release] [--data DIR]",
  summary: "Scan everything for malware again, after new signatures",
  description: [
    "Works on the data directory, whether the server runs or not, with the scanner of the server that was started last.",
    "Reads every version of every file, the trash too. A file in which something is found is quarantined: nothing of it is",
    "given out any more, its owner sees why among what is in the trash, and may delete it for good. Ends with 3 where some",
    "could not be scanned, with 1 where the scanner is away.",
    "",
    "  stowage rescan                      after freshclam, from a timer",
    "  stowage rescan --release            puts back what was found by mistake, and is clean now",
    "  stowage rescan --set scanner=clamd  where the settings name no scanner",
  ].join("\n"),
  options: {
    release: { type: "boolean", help: "Put back what is quarantined and now scans clean" },
    set: {
      type: "string",
      multiple: true,
      argument: "KEY=VALUE",
      help: "Another scanner than the server's (scanner, scanner.…)",
    },
    ...dataOption,
  },
  positionals: { min: 0, max: 0 },
  run: async (context) => {
    const given = context.options.get("set");
    // Loaded when it is run: the list of commands must not wait for a server's code.
    const { rescanDataDirectory } = await import("./rescan-data-directory.ts");
    return rescanDataDirectory(context, {
      releases: hasOption(context, "release"),
      assignments: Array.isArray(given) ? given.map(String) : [],
    });
  },
};
