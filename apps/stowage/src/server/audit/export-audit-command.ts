import { open } from "node:fs/promises";
import { resolve } from "node:path";
import { type Command, type CommandContext, CommandError, type ExitStatus } from "../../cli/command.ts";
import { escapeText, jsonLine } from "../../cli/escape-text.ts";
import { numberOption, textOption } from "../../cli/parse-options.ts";
import { dataDirOf } from "../../cli/remote/find-server.ts";
import { dataOption } from "../../cli/remote/remote-options.ts";
import { isSystemError, sentenceOfSystemError } from "../../cli/system-error.ts";

export const exportAuditCommand: Command = {
  name: "audit export",
  synopsis: "[-o FILE] [--after N] [--data DIR]",
  summary: "Write the audit as lines of JSON",
  description: [
    "Of the data directory, whether the server runs or not. Each event is a line with its place in its chain;",
    "stowage audit verify --export FILE verifies it, on any machine.",
    "",
    "  stowage audit export -o audit.jsonl",
    "  stowage audit export --after 120000 | gzip > audit-2.jsonl.gz",
  ].join("\n"),
  options: {
    output: { type: "string", short: "o", argument: "FILE", help: "Write there (default standard output)" },
    after: { type: "string", argument: "N", help: "Only events behind number N (default 0: all)" },
    ...dataOption,
  },
  positionals: { min: 0, max: 0 },
  run: runExport,
};

async function runExport(context: CommandContext): Promise<ExitStatus> {
  const after = numberOption(context, "after", { min: 0, max: 1e15 }) ?? 0;
  const output = textOption(context, "output");
  const path = output === undefined ? undefined : resolve(context.cwd, output);
  try {
    const events = await writeExport(context, after, path);
    if (path !== undefined && context.json) context.out(jsonLine({ file: path, events }));
    else if (path !== undefined) context.say(`${events} events are in ${escapeText(path)}.`);
    return 0;
  } catch (error) {
    if (!isSystemError(error)) throw error;
    throw new CommandError(`${escapeText(path ?? "")}: ${sentenceOfSystemError(error)}`, 1, { cause: error });
  }
}

/** Answers how many events were written. The file is made: one that is there is never written over. */
async function writeExport(
  context: CommandContext,
  after: number,
  path: string | undefined,
): Promise<number> {
  const [{ exportLine, exportStartLine }, { withAuditLog }] = await Promise.all([
    import("./audit-export.ts"),
    import("./with-audit-log.ts"),
  ]);
  return withAuditLog(dataDirOf(context), async (log) => {
    const file = path === undefined ? undefined : await open(path, "wx", 0o600);
    const stream = file?.createWriteStream() ?? context.stdout;
    const write = async (line: string) => {
      context.signal.throwIfAborted();
      if (!stream.write(`${line}\n`))
        await new Promise<void>((resolve, reject) => {
          const settle = (error?: Error) => {
            stream.off("drain", settle);
            stream.off("error", settle);
            if (error instanceof Error) reject(error);
            else resolve();
          };
          stream.on("drain", settle).on("error", settle);
        });
    };
    let events = 0;
    await write(exportStartLine({ sequence: after, heads: log.headsAt(after) }));
    for (const event of log.eventsAfter(after)) {
      await write(exportLine(event));
      events += 1;
    }
    if (file)
      await new Promise<void>((resolve, reject) => {
        stream.once("error", reject);
        stream.end(resolve);
      });
    return events;
  });
}
