import type { Command, CommandContext } from "./command.ts";
import { UsageError } from "./command.ts";
import { escapeText, jsonLine } from "./escape-text.ts";
import { hasOption, numberOption } from "./parse-options.ts";
import { connect } from "./remote/connect.ts";
import { remoteOptions } from "./remote/remote-options.ts";
import { formatSize } from "./terminal/format-size.ts";
import { type Column, formatTable } from "./terminal/format-table.ts";
import { formatTime } from "./terminal/format-time.ts";

export const lsCommand: Command = {
  name: "ls",
  synopsis: "[--limit N | --all] [--trash]",
  summary: "List your files, newest first",
  options: {
    limit: { type: "string", argument: "N", help: "So many files (default 50)" },
    all: { type: "boolean", help: "All of them" },
    trash: { type: "boolean", help: "What is in the trash instead" },
    ...remoteOptions,
  },
  positionals: { min: 0, max: 0 },
  run: runLs,
};

const defaultLimit = 50;
const maxPerRequest = 200;

const columns: readonly Column[] = [
  { title: "ID" },
  { title: "SIZE", align: "right" },
  { title: "CREATED" },
  { title: "NAME" },
];

async function runLs(context: CommandContext): Promise<0> {
  const limit = numberOption(context, "limit", { min: 1, max: 1_000_000_000 });
  const all = hasOption(context, "all");
  if (limit !== undefined && all) throw new UsageError("--limit and --all don't go together.");
  const scope = hasOption(context, "trash") ? "trash" : "own";
  const client = await connect(context);
  let left = all ? Number.POSITIVE_INFINITY : (limit ?? defaultLimit);
  let cursor: string | undefined;
  let isFirst = true;
  do {
    const page = await client.files.list({
      scope,
      limit: Math.min(left, maxPerRequest),
      cursor,
      signal: context.signal,
    });
    left -= page.items.length;
    cursor = page.nextCursor ?? undefined;
    if (context.json) for (const file of page.items) context.out(jsonLine(file));
    else if (page.items.length > 0) {
      const rows = page.items.map(({ id, sizeBytes, createdAt, name }) => [
        id,
        formatSize(sizeBytes),
        formatTime(createdAt),
        escapeText(name),
      ]);
      for (const line of formatTable(columns, rows).slice(isFirst ? 0 : 1)) context.out(line);
    }
    isFirst &&= page.items.length === 0;
  } while (left > 0 && cursor !== undefined);
  if (isFirst && !context.json)
    context.say(scope === "trash" ? "The trash is empty." : "You have no files yet.");
  if (cursor !== undefined && !context.json) context.say("There are more: --all lists them.");
  return 0;
}
