import type { Command, CommandContext, ExitStatus } from "./command.ts";
import { eachId } from "./each-id.ts";
import { escapeText, jsonLine } from "./escape-text.ts";
import { connect } from "./remote/connect.ts";
import { remoteOptions } from "./remote/remote-options.ts";

export const restoreCommand: Command = {
  name: "restore",
  synopsis: "ID…",
  summary: "Take files out of the trash",
  description: "ls --trash shows what is in it, with its ids.",
  options: remoteOptions,
  positionals: { min: 1, max: Number.POSITIVE_INFINITY },
  run: runRestore,
};

async function runRestore(context: CommandContext): Promise<ExitStatus> {
  const client = await connect(context);
  return eachId(context, async (id) => {
    const { state } = await client.files.restore(id, { signal: context.signal });
    context.out(context.json ? jsonLine({ id, state }) : `restored  ${escapeText(id)}`);
  });
}
