import { createAlbums } from "@stowage/client/albums";
import type { Command, CommandContext, ExitStatus } from "../command.ts";
import { jsonLine } from "../escape-text.ts";
import { everyItem } from "../every-item.ts";
import { connect } from "../remote/connect.ts";
import { remoteOptions } from "../remote/remote-options.ts";
import { formatTable } from "../terminal/format-table.ts";
import { albumColumns, albumRow } from "./album-columns.ts";

export const albumListCommand: Command = {
  name: "album list",
  synopsis: "[options]",
  summary: "List the albums that you are in, joined last first",
  options: remoteOptions,
  positionals: { min: 0, max: 0 },
  run: runList,
};

async function runList(context: CommandContext): Promise<ExitStatus> {
  const albums = createAlbums(await connect(context));
  const rows: string[][] = [];
  for await (const album of everyItem(context, (page) => albums.list(page)))
    if (context.json) context.out(jsonLine(album));
    else rows.push(albumRow(album));
  if (!context.json) for (const line of formatTable(albumColumns, rows)) context.out(line);
  return 0;
}
