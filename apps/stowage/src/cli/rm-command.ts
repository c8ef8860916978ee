import type { Command, CommandContext, ExitStatus } from "./command.ts";
import { eachId } from "./each-id.ts";
import { escapeText, jsonLine } from "./escape-text.ts";
import { hasOption } from "./parse-options.ts";
import { connect } from "./remote/connect.ts";
import { remoteOptions } from "./remote/remote-options.ts";

export const rmCommand: Command = {
  name: "rm",
  synopsis: "ID… [--permanent]",
  summary: "Put files into the trash, or delete them for good",
  description:
    "What is in the trash can be restored for 30 days (stowage restore). With --permanent its bytes are deleted.",
  options: {
    permanent: { type: "boolean", help: "Delete for good; nothing brings them back" },
    ...remoteOptions,
  },
  positionals: { min: 1, max: Number.POSITIVE_INFINITY },
  run: runRm,
};

async function runRm(context: CommandContext): Promise<ExitStatus> {
  const permanent = hasOption(context, "permanent");
  const client = await connect(context);
  const state = permanent ? "purged" : "trashed";
  return eachId(context, async (id) => {
    await client.files.remove(id, { permanent, signal: context.signal });
    context.out(context.json ? jsonLine({ id, state }) : `${state}  ${escapeText(id)}`);
  });
}
