import { createLinks, type FileSource, type Links, type Uploader } from "@stowage/client";
import { readPassword } from "../accounts/read-password.ts";
import { type Command, type CommandContext, type ExitStatus, UsageError } from "../command.ts";
import { escapeText, jsonLine } from "../escape-text.ts";
import { hasOption, numberOption, textOption } from "../parse-options.ts";
import { connect } from "../remote/connect.ts";
import { remoteOptions } from "../remote/remote-options.ts";
import { type Column, formatTable } from "../terminal/format-table.ts";
import { formatTime } from "../terminal/format-time.ts";
import { parseLinkEnd } from "./parse-link-end.ts";

export const linkCommand: Command = {
  name: "link",
  synopsis:
    "ID | --album ALBUM [--expires WHEN] [--passphrase-stdin] [--max-opens N]; with --list, or --revoke LINK",
  summary: "Make a link that opens a file, or an album, for whoever has it",
  description: [
    "Prints the link, which is shown this once: nobody can have it again. It ends in 30 days, or when you say.",
    "",
    "  stowage link ID --expires 7d            one that opens for a week",
    "  stowage link ID --max-opens 1           one that opens once",
    "  stowage link --album ALBUM              one to an album that you own",
    "  stowage link ID --list                  those there are, and how often each was opened",
    "  stowage link ID --revoke LINK           take one back, and all that was given out by it",
  ].join("\n"),
  options: {
    expires: {
      type: "string",
      argument: "WHEN",
      help: "30m, 12h or 7d from now, or a time of RFC 3339 (default 30d)",
    },
    "passphrase-stdin": { type: "boolean", help: "It opens with a passphrase, read from standard input" },
    "max-opens": { type: "string", argument: "N", help: "How often it can be opened" },
    album: { type: "string", argument: "ALBUM", help: "To an album of yours, in place of a file" },
    list: { type: "boolean", help: "Show the links to it" },
    revoke: { type: "string", argument: "LINK", help: "Take back the link of this id" },
    ...remoteOptions,
  },
  positionals: { min: 0, max: 1 },
  run: runLink,
};

async function runLink(context: CommandContext): Promise<ExitStatus> {
  const { signal } = context;
  const target = targetOf(context);
  const end = textOption(context, "expires");
  const expiresAt = end === undefined ? undefined : parseLinkEnd(end, Date.now());
  const maxOpens = numberOption(context, "max-opens", { min: 1, max: 1_000_000 });
  const hasPassphrase = hasOption(context, "passphrase-stdin");
  const isList = hasOption(context, "list");
  const revoked = textOption(context, "revoke");
  const isWish = end !== undefined || maxOpens !== undefined || hasPassphrase;
  if ([isWish, isList, revoked !== undefined].filter(Boolean).length > 1)
    throw new UsageError(
      "A link is made, or links are listed, or one is taken back: one of these at a time.",
    );

  if (isList) return listLinks(context, linksOf(await connect(context), target), target.id);
  if (revoked !== undefined) {
    await linksOf(await connect(context), target).revoke(target.id, revoked, { signal });
    context.out(
      context.json ? jsonLine({ id: revoked, state: "revoked" }) : `revoked  ${escapeText(revoked)}`,
    );
    return 0;
  }
  const passphrase = hasPassphrase ? await readPassword(context) : undefined;
  const links = linksOf(await connect(context), target);
  const link = await links.create(target.id, { expiresAt, passphrase, maxOpens, signal });
  context.out(context.json ? jsonLine(link) : link.url);
  if (!context.json)
    context.say(
      `It ends ${formatTime(link.expiresAt)}. Take it back: ${context.program} link ${target.to === "albums" ? "--album " : ""}${escapeText(target.id)} --revoke ${link.id}`,
    );
  return 0;
}

interface Target {
  readonly to: "files" | "albums";
  readonly id: string;
}

function targetOf(context: CommandContext): Target {
  const [fileId] = context.positionals;
  const albumId = textOption(context, "album");
  if (fileId !== undefined && albumId === undefined) return { to: "files", id: fileId };
  if (albumId !== undefined && fileId === undefined) return { to: "albums", id: albumId };
  throw new UsageError("A link is to one thing: say the ID of a file, or --album and the ID of an album.");
}

const linksOf = (client: Uploader<FileSource>, { to }: Target): Links => createLinks(client, to);

const columns: readonly Column[] = [
  { title: "LINK" },
  { title: "CREATED" },
  { title: "ENDS" },
  { title: "OPENED", align: "right" },
  { title: "PASSPHRASE" },
];

async function listLinks(context: CommandContext, links: Links, id: string): Promise<ExitStatus> {
  const rows: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await links.list(id, { cursor, limit: 200, signal: context.signal });
    for (const link of page.items)
      if (context.json) context.out(jsonLine(link));
      else
        rows.push([
          link.id,
          formatTime(link.createdAt),
          formatTime(link.expiresAt),
          link.maxOpens === undefined ? String(link.opens) : `${link.opens} of ${link.maxOpens}`,
          link.hasPassphrase ? "yes" : "no",
        ]);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  if (!context.json) for (const line of formatTable(columns, rows)) context.out(line);
  return 0;
}
