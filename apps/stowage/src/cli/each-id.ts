import { NotSignedInError } from "@stowage/client";
import type { CommandContext, ExitStatus } from "./command.ts";
import { problemOf, sentenceOf } from "./describe-failure.ts";
import { escapeText, jsonLine } from "./escape-text.ts";
import { isAbort } from "./tell-error.ts";

/** Does one thing after the other with each id that was given; one that fails is told and stops no other. */
export async function eachId(
  context: CommandContext,
  run: (id: string) => Promise<void>,
): Promise<ExitStatus> {
  let failed = 0;
  for (const id of context.positionals)
    try {
      await run(id);
    } catch (error) {
      if (isAbort(error) || error instanceof NotSignedInError) throw error;
      failed += 1;
      if (context.json) context.out(jsonLine({ id, problem: problemOf(error) }));
      context.say(`${escapeText(id)}: ${escapeText(sentenceOf(error))}`);
    }
  if (failed === 0) return 0;
  return failed < context.positionals.length ? 3 : 1;
}
