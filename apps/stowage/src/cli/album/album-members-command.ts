import { type Albums, createAlbums } from "@stowage/client/albums";
import { type Command, type CommandContext, type ExitStatus, UsageError } from "../command.ts";
import { escapeText, jsonLine } from "../escape-text.ts";
import { everyItem } from "../every-item.ts";
import { textOption } from "../parse-options.ts";
import { connect } from "../remote/connect.ts";
import { remoteOptions } from "../remote/remote-options.ts";
import { type Column, formatTable } from "../terminal/format-table.ts";
import { formatTime } from "../terminal/format-time.ts";

export const albumMembersCommand: Command = {
  name: "album members",
  synopsis: "ALBUM | ALBUM --set USER --role ROLE | ALBUM --remove USER",
  summary: "Show who is in an album, put somebody in, or out",
  options: {
    set: {
      type: "string",
      argument: "USER",
      help: "Put the person of this id in, or give them another role",
    },
    role: { type: "string", argument: "ROLE", help: "viewer, contributor or owner" },
    remove: { type: "string", argument: "USER", help: "Put the person of this id out; your own: leave" },
    ...remoteOptions,
  },
  positionals: { min: 1, max: 1 },
  run: runMembers,
};

const roles = ["viewer", "contributor", "owner"] as const;

async function runMembers(context: CommandContext): Promise<ExitStatus> {
  const [albumId = ""] = context.positionals;
  const { signal } = context;
  const set = textOption(context, "set");
  const removed = textOption(context, "remove");
  const wanted = textOption(context, "role");
  const role = roles.find((each) => each === wanted);
  if (wanted !== undefined && !role) throw new UsageError("--role is viewer, contributor or owner.");
  if ((set === undefined) !== (role === undefined))
    throw new UsageError("--set USER and --role ROLE go together.");
  if (set !== undefined && removed !== undefined)
    throw new UsageError("Somebody is put in, or out: one of these at a time.");
  const albums = createAlbums(await connect(context));
  if (set !== undefined && role) {
    const member = await albums.setMember(albumId, set, role, { signal });
    context.out(context.json ? jsonLine(member) : `${role}  ${escapeText(set)}`);
    return 0;
  }
  if (removed !== undefined) {
    await albums.removeMember(albumId, removed, { signal });
    context.out(
      context.json ? jsonLine({ userId: removed, state: "removed" }) : `removed  ${escapeText(removed)}`,
    );
    return 0;
  }
  return list(context, albums, albumId);
}

const columns: readonly Column[] = [
  { title: "USER" },
  { title: "NAME" },
  { title: "ROLE" },
  { title: "JOINED" },
];

async function list(context: CommandContext, albums: Albums, albumId: string): Promise<ExitStatus> {
  const rows: string[][] = [];
  for await (const member of everyItem(context, (page) => albums.members(albumId, page)))
    if (context.json) context.out(jsonLine(member));
    else rows.push([member.userId, escapeText(member.name ?? ""), member.role, formatTime(member.joinedAt)]);
  if (!context.json) for (const line of formatTable(columns, rows)) context.out(line);
  return 0;
}
