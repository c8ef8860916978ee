import { type Client, createLinks, type FileSource } from "@stowage/client";
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
  synopsis: "ID [--expires WHEN] [--passphrase-stdin] [--max-opens N] | ID --list | ID --revoke LINK",
  summary: "Make a link that opens a file for whoever has it",
  description: [
    "Prints the link, which is shown this once: nobody can have it again. It ends in 30 days, or when you say.",
    "",
    "  stowage link ID --expires 7d            one that opens for a week",
    "  stowage link ID --max-opens 1           one that opens once",
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
    list: { type: "boolean", help: "Show the links to the file" },
    revoke: { type: "string", argument: "LINK", help: "Take back the link of this id" },
    ...remoteOptions,
  },
  positionals: { min: 1, max: 1 },
  run: runLink,
};

async function runLink(context: CommandContext): Promise<ExitStatus> {
  const [fileId = ""] = context.positionals;
  const { signal } = context;
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

  if (isList) return listLinks(context, await connect(context), fileId);
  if (revoked !== undefined) {
    await createLinks(await connect(context)).revoke(fileId, revoked, { signal });
    context.out(
      context.json ? jsonLine({ id: revoked, state: "revoked" }) : `revoked  ${escapeText(revoked)}`,
    );
    return 0;
  }
  const passphrase = hasPassphrase ? await readPassword(context) : undefined;
  const client = await connect(context);
  const link = await createLinks(client).create(fileId, { expiresAt, passphrase, maxOpens, signal });
  context.out(context.json ? jsonLine(link) : link.url);
  if (!context.json)
    context.say(
      `It ends ${formatTime(link.expiresAt)}. Take it back: ${context.program} link ${escapeText(fileId)} --revoke ${link.id}`,
    );
  return 0;
}

const columns: readonly Column[] = [
  { title: "LINK" },
  { title: "CREATED" },
  { title: "ENDS" },
  { title: "OPENED", align: "right" },
  { title: "PASSPHRASE" },
];

async function listLinks(
  context: CommandContext,
  client: Client<FileSource>,
  fileId: string,
): Promise<ExitStatus> {
  const rows: string[][] = [];
  let cursor: string | undefined;
  do {
    const page = await createLinks(client).list(fileId, { cursor, limit: 200, signal: context.signal });
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
