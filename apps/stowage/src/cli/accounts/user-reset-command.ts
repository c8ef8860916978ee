import type { Command } from "../command.ts";
import { escapeText, jsonLine } from "../escape-text.ts";
import { hasOption } from "../parse-options.ts";
import { dataOption } from "../remote/remote-options.ts";
import { withAccounts } from "./open-accounts.ts";
import { generatePassword, readPassword } from "./read-password.ts";

export const userResetCommand: Command = {
  name: "user reset",
  synopsis: "EMAIL [--password-stdin]",
  summary: "Give an account a new password",
  description: [
    "Makes a password and prints it, unless one is given on standard input. The old one ends at once, and so does all",
    "that was signed in by it, in browsers and on command lines (an access token that is out lives for ten minutes at",
    "most). Tries of wrong passwords are forgotten.",
  ].join("\n"),
  options: {
    "password-stdin": { type: "boolean", help: "Read the password from standard input" },
    ...dataOption,
  },
  positionals: { min: 1, max: 1 },
  async run(context) {
    const [email = ""] = context.positionals;
    const isGiven = hasOption(context, "password-stdin");
    const password = isGiven ? await readPassword(context) : generatePassword();
    await withAccounts(context, { make: false }, (issuer) => issuer.setPassword(email, password));
    if (context.json) context.out(jsonLine({ email, ...(isGiven ? {} : { password }) }));
    else if (!isGiven) context.out(password);
    context.say(`${escapeText(email)} has a new password, and is signed out everywhere.`);
    return 0;
  },
};
