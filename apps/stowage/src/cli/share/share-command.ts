import { createSharing, type Sharing } from "@stowage/client/sharing";
import { type Command, type CommandContext, CommandError, type ExitStatus, UsageError } from "../command.ts";
import { escapeText, jsonLine } from "../escape-text.ts";
import { everyItem } from "../every-item.ts";
import { parseLinkEnd } from "../link/parse-link-end.ts";
import { hasOption, textOption } from "../parse-options.ts";
import { connect } from "../remote/connect.ts";
import { remoteOptions } from "../remote/remote-options.ts";
import { type Column, formatTable } from "../terminal/format-table.ts";
import { formatTime } from "../terminal/format-time.ts";

export const shareCommand: Command = {
  name: "share",
  synopsis: "ID --with EMAIL [--expires WHEN] | ID --list | ID --revoke WHO",
  summary: "Share a file with somebody by their e-mail address",
  description: [
    "It is offered to whoever signs in with that address, verified; they accept it under “Shared with me”. No mail is",
    "sent: tell them. Whether anybody has the address is not said.",
    "",
    "  stowage share ID --with ann@example.org               until you take it back",
    "  stowage share ID --with ann@example.org --expires 7d  for a week",
    "  stowage share ID --list                               who has it, and to whom it is offered",
    "  stowage share ID --revoke ann@example.org             take it back; an id from --list does too",
  ].join("\n"),
  options: {
    with: { type: "string", argument: "EMAIL", help: "Offer it to whoever has this address" },
    expires: {
      type: "string",
      argument: "WHEN",
      help: "When the right ends: 30m, 12h or 7d from now, or a time of RFC 3339",
    },
    list: { type: "boolean", help: "Show who has it and to whom it is offered" },
    revoke: { type: "string", argument: "WHO", help: "Take it back from this address or id" },
    ...remoteOptions,
  },
  positionals: { min: 1, max: 1 },
  run: runShare,
};

async function runShare(context: CommandContext): Promise<ExitStatus> {
  const [fileId = ""] = context.positionals;
  const { signal } = context;
  const email = textOption(context, "with");
  const end = textOption(context, "expires");
  const endsAt = end === undefined ? undefined : parseLinkEnd(end, Date.now());
  const revoked = textOption(context, "revoke");
  const isList = hasOption(context, "list");
  if ([email !== undefined, isList, revoked !== undefined].filter(Boolean).length !== 1)
    throw new UsageError("Say one of --with EMAIL, --list and --revoke WHO.");
  if (endsAt !== undefined && email === undefined) throw new UsageError("--expires goes with --with.");
  const sharing = createSharing(await connect(context));
  if (isList) return list(context, sharing, fileId);
  if (revoked !== undefined) return revoke(context, sharing, fileId, revoked);
  const invite = await sharing.invite(fileId, email ?? "", { endsAt, signal });
  context.out(context.json ? jsonLine(invite) : `offered  ${escapeText(invite.email)}`);
  if (!context.json)
    context.say(`It can be accepted until ${formatTime(invite.expiresAt)}. No mail is sent: tell them.`);
  return 0;
}

/** Somebody who has a file, or to whom it is offered. */
interface Holder {
  readonly id: string;
  readonly who: string;
  readonly state: "shared" | "offered";
  readonly since: string;
  readonly endsAt?: string | undefined;
}

async function holdersOf(context: CommandContext, sharing: Sharing, fileId: string): Promise<Holder[]> {
  const holders: Holder[] = [];
  for await (const grant of everyItem(context, (page) => sharing.grants(fileId, page)))
    holders.push({
      id: grant.userId,
      who: grant.email ?? grant.name ?? "",
      state: "shared",
      since: grant.grantedAt,
      endsAt: grant.endsAt,
    });
  for await (const invite of everyItem(context, (page) => sharing.invites(fileId, page)))
    holders.push({
      id: invite.id,
      who: invite.email,
      state: "offered",
      since: invite.createdAt,
      endsAt: invite.endsAt,
    });
  return holders;
}

const columns: readonly Column[] = [
  { title: "WHO" },
  { title: "STATE" },
  { title: "SINCE" },
  { title: "ENDS" },
  { title: "ID" },
];

async function list(context: CommandContext, sharing: Sharing, fileId: string): Promise<ExitStatus> {
  const holders = await holdersOf(context, sharing, fileId);
  if (context.json) for (const holder of holders) context.out(jsonLine(holder));
  else
    for (const line of formatTable(
      columns,
      holders.map(({ id, who, state, since, endsAt }) => [
        escapeText(who),
        state,
        formatTime(since),
        endsAt === undefined ? "" : formatTime(endsAt),
        id,
      ]),
    ))
      context.out(line);
  return 0;
}

/** @param who an address, in any case of its letters, or an id */
async function revoke(
  context: CommandContext,
  sharing: Sharing,
  fileId: string,
  who: string,
): Promise<ExitStatus> {
  const wanted = who.trim().toLowerCase();
  const holders = (await holdersOf(context, sharing, fileId)).filter(
    (holder) => holder.id === who || holder.who.trim().toLowerCase() === wanted,
  );
  if (holders.length === 0)
    throw new CommandError(
      `It is neither shared with ${who} nor offered to them (--list says with whom it is).`,
    );
  for (const { id, state } of holders) {
    if (state === "shared") await sharing.revoke(fileId, id, { signal: context.signal });
    else await sharing.withdraw(fileId, id, { signal: context.signal });
    context.out(context.json ? jsonLine({ id, state: "revoked" }) : `revoked  ${escapeText(who)}`);
  }
  return 0;
}
