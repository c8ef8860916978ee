import { NotSignedInError } from "@stowage/client";
import type { Command, CommandContext, ExitStatus } from "./command.ts";
import { problemOf, sentenceOf } from "./describe-failure.ts";
import { escapeText, jsonLine } from "./escape-text.ts";
import { hasOption } from "./parse-options.ts";
import { connect } from "./remote/connect.ts";
import { remoteOptions } from "./remote/remote-options.ts";
import { isAbort } from "./tell-error.ts";

export const rmCommand: Command = {
  name: "rm",
  synopsis: "ID… [--permanent]",
  summary: "Put files into the trash, or delete them for good",
  description: "What is in the trash can be restored for 30 days. With --permanent its bytes are deleted.",
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
  let failed = 0;
  for (const id of context.positionals)
    try {
      await client.files.remove(id, { permanent, signal: context.signal });
      context.out(context.json ? jsonLine({ id, state }) : `${state}  ${escapeText(id)}`);
    } catch (error) {
      if (isAbort(error) || error instanceof NotSignedInError) throw error;
      failed += 1;
      if (context.json) context.out(jsonLine({ id, problem: problemOf(error) }));
      context.say(`${escapeText(id)}: ${escapeText(sentenceOf(error))}`);
    }
  if (failed === 0) return 0;
  return failed < context.positionals.length ? 3 : 1;
}
