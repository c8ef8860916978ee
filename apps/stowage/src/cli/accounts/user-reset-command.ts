import { embeddedIssuerUrl } from "../../server/issuers/embedded-issuer-url.ts";
import { readRunning } from "../../server/running.ts";
import { type Command, CommandError } from "../command.ts";
import { escapeText, jsonLine } from "../escape-text.ts";
import { hasOption } from "../parse-options.ts";
import { dataDirOf } from "../remote/find-server.ts";
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
    "most), and the tokens that were minted for programs. Tries of wrong passwords are forgotten.",
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
    const subject = await withAccounts(context, { make: false }, async (issuer) => {
      await issuer.setPassword(email, password);
      return issuer.findAccount(email)?.id;
    });
    if (context.json) context.out(jsonLine({ email, ...(isGiven ? {} : { password }) }));
    else if (!isGiven) context.out(password);
    if (subject !== undefined) await endTokens(dataDirOf(context), subject);
    context.say(`${escapeText(email)} has a new password, and is signed out everywhere.`);
    return 0;
  },
};

/** @throws CommandError where they can't be ended: the password is another by then */
async function endTokens(dataDir: string, subject: string): Promise<void> {
  const running = await readRunning(dataDir);
  if (!running) return;
  try {
    // Loaded when it is needed: the list of commands must not wait for a server's code.
    const { endDelegations } = await import("../../server/end-delegations.ts");
    await endDelegations(dataDir, { issuer: embeddedIssuerUrl(running.api), subject });
  } catch (cause) {
    const why = cause instanceof Error ? ` ${cause.message}` : "";
    throw new CommandError(
      `The password is another now, but tokens that were minted for programs live on: do it again.${why}`,
      1,
      { cause },
    );
  }
}
