import type { Command } from "../command.ts";
import { escapeText, jsonLine } from "../escape-text.ts";
import { hasOption, textOption } from "../parse-options.ts";
import { dataOption } from "../remote/remote-options.ts";
import { withAccounts } from "./open-accounts.ts";
import { readPassword } from "./read-password.ts";

export const userAddCommand: Command = {
  name: "user add",
  synopsis: "EMAIL [--password-stdin] [--name NAME] [--org NAME] [--operator]",
  summary: "Make an account",
  description: [
    "Works on the data directory, whether the server runs or not. Without a password nobody can sign in to the",
    "account, but stowage token gives an access token for it.",
    "",
    "  stowage user add ada@example.org",
    '  echo "four random words here" | stowage user add ada@example.org --password-stdin',
  ].join("\n"),
  options: {
    "password-stdin": { type: "boolean", help: "Read the password from standard input" },
    name: { type: "string", argument: "NAME", help: "The person's name" },
    org: { type: "string", argument: "NAME", help: "Their organisation" },
    operator: { type: "boolean", help: "May watch over the service (operations:read, audit:read)" },
    ...dataOption,
  },
  positionals: { min: 1, max: 1 },
  async run(context) {
    const [email = ""] = context.positionals;
    const password = hasOption(context, "password-stdin") ? await readPassword(context) : undefined;
    const name = textOption(context, "name");
    const organisation = textOption(context, "org");
    const account = await withAccounts(context, { make: true }, (issuer) =>
      issuer.addAccount({
        email,
        operator: hasOption(context, "operator"),
        ...(password !== undefined && { password }),
        ...(name !== undefined && { name }),
        ...(organisation !== undefined && { organisation }),
      }),
    );
    context.out(context.json ? jsonLine(account) : `Made an account for ${escapeText(account.email)}.`);
    return 0;
  },
};
