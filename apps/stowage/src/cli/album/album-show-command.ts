import { createAlbums } from "@stowage/client/albums";
import type { Command, CommandContext, ExitStatus } from "../command.ts";
import { escapeText, jsonLine } from "../escape-text.ts";
import { everyItem } from "../every-item.ts";
import { connect } from "../remote/connect.ts";
import { remoteOptions } from "../remote/remote-options.ts";
import { type Column, formatTable } from "../terminal/format-table.ts";
import { formatTime } from "../terminal/format-time.ts";
import { albumColumns, albumRow } from "./album-columns.ts";

export const albumShowCommand: Command = {
  name: "album show",
  synopsis: "ALBUM [options]",
  summary: "Show an album and what is in it, newest first",
  description:
    "With --json the album is the first line, and each file another. While it is sealed nobody is told more than its count.",
  options: remoteOptions,
  positionals: { min: 1, max: 1 },
  run: runShow,
};

const fileColumns: readonly Column[] = [
  { title: "FILE" },
  { title: "NAME" },
  { title: "TYPE" },
  { title: "CAME" },
];

async function runShow(context: CommandContext): Promise<ExitStatus> {
  const [id = ""] = context.positionals;
  const albums = createAlbums(await connect(context));
  const album = await albums.get(id, { signal: context.signal });
  if (context.json) context.out(jsonLine(album));
  else for (const line of formatTable(albumColumns, [albumRow(album)])) context.out(line);
  if (album.sealed) return 0;
  const rows: string[][] = [];
  for await (const file of everyItem(context, (page) => albums.files(id, page)))
    if (context.json) context.out(jsonLine(file));
    else rows.push([file.id, escapeText(file.name), file.contentType, formatTime(file.createdAt)]);
  if (rows.length === 0) return 0;
  context.out("");
  for (const line of formatTable(fileColumns, rows)) context.out(line);
  return 0;
}
