import type { Command, CommandContext, ExitStatus } from "./command.ts";
import { escapeText, jsonLine } from "./escape-text.ts";
import { readHistory } from "./find-version.ts";
import { connect } from "./remote/connect.ts";
import { remoteOptions } from "./remote/remote-options.ts";
import { formatSize } from "./terminal/format-size.ts";
import { type Column, formatTable } from "./terminal/format-table.ts";
import { formatTime } from "./terminal/format-time.ts";

export const versionsCommand: Command = {
  name: "versions",
  synopsis: "ID",
  summary: "Show a file's history, newest first",
  description: [
    "What was sent with put --replace. A conflict was to replace a version that was not current any more when it was",
    "checked: it is kept beside the current one until you choose.",
    "",
    "  stowage get ID --version 2              fetch one, whichever is current",
    "  stowage restore ID --version 2          make it the current one",
    "  stowage rm ID --version 2 --permanent   delete it, and free its room",
  ].join("\n"),
  options: remoteOptions,
  positionals: { min: 1, max: 1 },
  run: runVersions,
};

const columns: readonly Column[] = [
  { title: "VERSION", align: "right" },
  { title: "STATE" },
  { title: "SIZE", align: "right" },
  { title: "CREATED" },
  { title: "NAME" },
];

async function runVersions(context: CommandContext): Promise<ExitStatus> {
  const [id = ""] = context.positionals;
  const client = await connect(context);
  const rows: string[][] = [];
  for await (const version of readHistory(client, id, context.signal))
    if (context.json) context.out(jsonLine(version));
    else
      rows.push([
        String(version.version),
        version.state,
        formatSize(version.sizeBytes),
        formatTime(version.createdAt),
        escapeText(version.name),
      ]);
  if (!context.json) for (const line of formatTable(columns, rows)) context.out(line);
  return 0;
}
