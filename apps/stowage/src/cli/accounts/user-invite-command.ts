import { readRunning } from "../../server/running.ts";
import { type Command, CommandError } from "../command.ts";
import { escapeText, jsonLine } from "../escape-text.ts";
import { hasOption, numberOption, textOption } from "../parse-options.ts";
import { dataDirOf } from "../remote/find-server.ts";
import { dataOption } from "../remote/remote-options.ts";
import { howToMake, withAccounts } from "./open-accounts.ts";

const secondsPerDay = 24 * 3600;

export const userInviteCommand: Command = {
  name: "user invite",
  synopsis: "[EMAIL] [--days N] [--org NAME] [--operator]",
  summary: "Print a link by which somebody makes their own account, once",
  description: [
    "For the server that was started last on the data directory. With an address the link is good for that address",
    "alone, and a newer link for it ends the older. Whoever has the link can use it: send it as you would a key.",
    "",
    "  stowage user invite ada@example.org",
    "  stowage user invite --days 1",
  ].join("\n"),
  options: {
    days: { type: "string", argument: "N", help: "How long it is good for, up to 90 (default 7)" },
    org: { type: "string", argument: "NAME", help: "Their organisation" },
    operator: { type: "boolean", help: "May watch over the service (operations:read, audit:read)" },
    ...dataOption,
  },
  positionals: { min: 0, max: 1 },
  async run(context) {
    const [email] = context.positionals;
    const days = numberOption(context, "days", { min: 1, max: 90 }) ?? 7;
    const organisation = textOption(context, "org");
    const dataDir = dataDirOf(context);
    const running = await readRunning(dataDir);
    if (!running)
      throw new CommandError(
        `No server was ever started on ${escapeText(dataDir)}, so a link would lead nowhere. ${howToMake(context)}`,
      );
    const { path, expiresAt } = await withAccounts(context, { make: false }, (issuer) =>
      issuer.invite({
        expiresInSeconds: days * secondsPerDay,
        operator: hasOption(context, "operator"),
        ...(email !== undefined && { email }),
        ...(organisation !== undefined && { organisation }),
      }),
    );
    const url = `${running.issuer}/${path}`;
    context.out(context.json ? jsonLine({ url, expiresAt }) : url);
    context.say(`Good once, until ${expiresAt.slice(0, 16).replace("T", " ")} UTC.`);
    return 0;
  },
};
