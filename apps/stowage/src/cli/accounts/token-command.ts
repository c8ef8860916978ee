import { embeddedIssuerUrl } from "../../server/issuers/embedded-issuer-url.ts";
import { readRunning } from "../../server/running.ts";
import { type Command, CommandError } from "../command.ts";
import { escapeText, jsonLine } from "../escape-text.ts";
import { numberOption, textOption } from "../parse-options.ts";
import { dataDirOf } from "../remote/find-server.ts";
import { dataOption } from "../remote/remote-options.ts";
import { howToMake, withAccounts } from "./open-accounts.ts";

const secondsPerHour = 3600;
const secondsPerDay = 24 * secondsPerHour;

/** What a person may with their own things. */
const defaultScope = "files:read files:write uploads:write albums:write";

export const tokenCommand: Command = {
  name: "token",
  synopsis: 'EMAIL [--scope "…"] [--ttl SECONDS] [--reason TEXT]',
  summary: "Print an access token for an account, and nothing else",
  description: [
    "For the server that was started last on the data directory. Once the account's person has signed in, a token in",
    "their name needs a reason; it is recorded, and every token is in the audit.",
    "",
    '  export STOWAGE_TOKEN="$(stowage token ada@example.org)"',
    '  stowage token ci@example.org --scope "uploads:write" --ttl 600',
  ].join("\n"),
  options: {
    scope: { type: "string", argument: '"…"', help: `What it may (default "${defaultScope}")` },
    ttl: { type: "string", argument: "SECONDS", help: "How long it lives, up to 86400 (default 3600)" },
    reason: { type: "string", argument: "TEXT", help: "Why, where the person has signed in before" },
    ...dataOption,
  },
  positionals: { min: 1, max: 1 },
  async run(context) {
    const [email = ""] = context.positionals;
    const expiresInSeconds = numberOption(context, "ttl", { min: 1, max: secondsPerDay }) ?? secondsPerHour;
    const scope = textOption(context, "scope") ?? defaultScope;
    const reason = textOption(context, "reason");
    const dataDir = dataDirOf(context);
    const running = await readRunning(dataDir);
    if (!running)
      throw new CommandError(
        `No server was ever started on ${escapeText(dataDir)}, so there is none to make a token for. ${howToMake(context)}`,
      );
    if (running.issuer !== embeddedIssuerUrl(running.api))
      throw new CommandError(
        "The built-in issuer is off here (issuer.enabled): the server would not believe a token of its accounts.",
      );
    const token = await withAccounts(context, { make: false }, (issuer) =>
      issuer.mintAccessToken({
        email,
        issuerUrl: running.issuer,
        audience: running.api,
        scope,
        expiresInSeconds,
        ...(reason !== undefined && { reason }),
      }),
    );
    // Loaded when it is needed: the list of commands must not wait for a server's code.
    const { recordToken } = await import("../../server/audit/record-token.ts");
    await recordToken(dataDir, token, { isBreakGlass: reason !== undefined });
    context.out(context.json ? jsonLine({ token, expiresInSeconds, scope }) : token);
    return 0;
  },
};
