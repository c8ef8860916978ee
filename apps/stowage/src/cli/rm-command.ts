import { type Command, type CommandContext, type ExitStatus, UsageError } from "./command.ts";
import { eachId } from "./each-id.ts";
import { escapeText, jsonLine } from "./escape-text.ts";
import { hasOption, numberOption } from "./parse-options.ts";
import { connect } from "./remote/connect.ts";
import { remoteOptions } from "./remote/remote-options.ts";

export const rmCommand: Command = {
  name: "rm",
  synopsis: "ID… [--permanent] | ID --version N --permanent",
  summary: "Put files into the trash, or delete them for good",
  description: [
    "What is in the trash can be restored for 30 days (stowage restore). With --permanent its bytes are deleted.",
    "With --version only that version of a file is, for good, and its room is free again (stowage versions ID).",
  ].join("\n"),
  options: {
    version: { type: "string", argument: "N", help: "Not the file, but this version, which is not current" },
    permanent: { type: "boolean", help: "Delete for good; nothing brings them back" },
    ...remoteOptions,
  },
  positionals: { min: 1, max: Number.POSITIVE_INFINITY },
  run: runRm,
};

async function runRm(context: CommandContext): Promise<ExitStatus> {
  const permanent = hasOption(context, "permanent");
  const version = numberOption(context, "version", { min: 1, max: Number.MAX_SAFE_INTEGER });
  if (version !== undefined && !permanent)
    throw new UsageError("A version has no trash: say --permanent, and it is deleted for good.");
  if (version !== undefined && context.positionals.length > 1)
    throw new UsageError("--version is of one file: delete them one by one.");
  const client = await connect(context);
  if (version !== undefined)
    return eachId(context, async (id) => {
      await client.files.removeVersion(id, version, { signal: context.signal });
      context.out(
        context.json
          ? jsonLine({ id, version, state: "purged" })
          : `purged  ${escapeText(id)}  version ${version}`,
      );
    });
  const state = permanent ? "purged" : "trashed";
  return eachId(context, async (id) => {
    await client.files.remove(id, { permanent, signal: context.signal });
    context.out(context.json ? jsonLine({ id, state }) : `${state}  ${escapeText(id)}`);
  });
}
