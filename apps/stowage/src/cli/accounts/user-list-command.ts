import type { Command } from "../command.ts";
import { escapeText, jsonLine } from "../escape-text.ts";
import { dataOption } from "../remote/remote-options.ts";
import { formatTable } from "../terminal/format-table.ts";
import { withAccounts } from "./open-accounts.ts";

const columns = ["E-MAIL", "NAME", "ORGANISATION", "OPERATOR", "MADE", "SIGNED IN FIRST"].map((title) => ({
  title,
}));

export const userListCommand: Command = {
  name: "user list",
  synopsis: "[--data DIR]",
  summary: "List the accounts",
  options: dataOption,
  positionals: { min: 0, max: 0 },
  async run(context) {
    const accounts = await withAccounts(context, { make: false }, async (issuer) => issuer.listAccounts());
    if (context.json) for (const account of accounts) context.out(jsonLine(account));
    else if (accounts.length === 0)
      context.say(`No accounts yet: ${context.program} user add EMAIL makes one.`);
    else {
      const rows = accounts.map(
        ({ email, name = "", organisation = "", operator, createdAt, signedInAt }) => [
          escapeText(email),
          escapeText(name),
          escapeText(organisation),
          operator ? "yes" : "",
          createdAt.slice(0, 10),
          signedInAt?.slice(0, 10) ?? "never",
        ],
      );
      for (const line of formatTable(columns, rows)) context.out(line);
    }
    return 0;
  },
};
