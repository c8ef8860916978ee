import type { AlbumInvite } from "@stowage/client";
import { type Albums, createAlbums } from "@stowage/client/albums";
import { type Command, type CommandContext, type ExitStatus, UsageError } from "../command.ts";
import { escapeText, jsonLine } from "../escape-text.ts";
import { parseLinkEnd } from "../link/parse-link-end.ts";
import { hasOption, numberOption, textOption } from "../parse-options.ts";
import { connect } from "../remote/connect.ts";
import { remoteOptions } from "../remote/remote-options.ts";
import { type Column, formatTable } from "../terminal/format-table.ts";
import { formatTime } from "../terminal/format-time.ts";

export const albumInviteCommand: Command = {
  name: "album invite",
  synopsis: "ALBUM [--role ROLE] [--max-uses N] [--expires WHEN] | ALBUM --list | ALBUM --revoke INVITE",
  summary: "Make an invite to an album, for people with an account and guests",
  description: [
    "Prints its address, which is shown this once. With --json also the address as a QR code (qr, an SVG).",
    "",
    "  stowage album invite ALBUM --max-uses 80 --expires 7d",
    "  stowage album invite ALBUM --list          those that have not ended",
    "  stowage album invite ALBUM --revoke INVITE who has joined by it stays",
  ].join("\n"),
  options: {
    role: { type: "string", argument: "ROLE", help: "viewer, or contributor (the default)" },
    "max-uses": { type: "string", argument: "N", help: "How many may join by it" },
    expires: {
      type: "string",
      argument: "WHEN",
      help: "30m, 12h or 7d from now, or a time of RFC 3339 (default 30d)",
    },
    list: { type: "boolean", help: "Show the invites to the album" },
    revoke: { type: "string", argument: "INVITE", help: "Take back the invite of this id" },
    ...remoteOptions,
  },
  positionals: { min: 1, max: 1 },
  run: runInvite,
};

async function runInvite(context: CommandContext): Promise<ExitStatus> {
  const [albumId = ""] = context.positionals;
  const { signal } = context;
  const role = textOption(context, "role");
  const maxUses = numberOption(context, "max-uses", { min: 1, max: 10_000 });
  const end = textOption(context, "expires");
  const expiresAt = end === undefined ? undefined : parseLinkEnd(end, Date.now());
  const revoked = textOption(context, "revoke");
  const isList = hasOption(context, "list");
  if (role !== undefined && role !== "viewer" && role !== "contributor")
    throw new UsageError("--role is viewer or contributor.");
  const isWish = [role, maxUses, end].some((wish) => wish !== undefined);
  if ([isWish, isList, revoked !== undefined].filter(Boolean).length > 1)
    throw new UsageError(
      "An invite is made, or they are listed, or one is taken back: one of these at a time.",
    );
  const albums = createAlbums(await connect(context));
  if (isList) return list(context, albums, albumId);
  if (revoked !== undefined) {
    await albums.revokeInvite(albumId, revoked, { signal });
    context.out(
      context.json ? jsonLine({ id: revoked, state: "revoked" }) : `revoked  ${escapeText(revoked)}`,
    );
    return 0;
  }
  const invite = await albums.invite(
    albumId,
    { role: role ?? "contributor", maxUses, expiresAt },
    { signal },
  );
  context.out(context.json ? jsonLine(invite) : invite.url);
  if (!context.json)
    context.say(
      `It ends ${formatTime(invite.expiresAt)}. Take it back: ${context.program} album invite ${escapeText(albumId)} --revoke ${invite.id}`,
    );
  return 0;
}

const columns: readonly Column[] = [
  { title: "INVITE" },
  { title: "ROLE" },
  { title: "CREATED" },
  { title: "ENDS" },
  { title: "CAME", align: "right" },
];

const rowOf = ({ id, role, createdAt, expiresAt, uses, maxUses }: AlbumInvite): string[] => [
  id,
  role,
  formatTime(createdAt),
  formatTime(expiresAt),
  maxUses === null ? String(uses) : `${uses} of ${maxUses}`,
];

async function list(context: CommandContext, albums: Albums, albumId: string): Promise<ExitStatus> {
  const { items } = await albums.invites(albumId, { signal: context.signal });
  if (context.json) for (const invite of items) context.out(jsonLine(invite));
  else for (const line of formatTable(columns, items.map(rowOf))) context.out(line);
  return 0;
}
