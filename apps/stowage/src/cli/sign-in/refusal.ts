import { CommandError } from "../command.ts";
import { escapeText } from "../escape-text.ts";

/** An issuer's fault that may be gone in a while (RFC 6749 section 4.1.2.1). */
const passing: ReadonlySet<string> = new Set(["server_error", "temporarily_unavailable"]);

/** Why an issuer gave no code (RFC 6749 section 4.1.2.1), for the person who wanted to sign in. */
export function refusalOf(issuer: string, error: string, description: string): CommandError {
  const said = escapeText(`${error}${description === "" ? "" : `: ${description}`}`.slice(0, 300));
  if (error === "access_denied")
    return new CommandError(`The sign-in was refused or called off (${said}): nobody is signed in.`, 4);
  if (passing.has(error))
    return new CommandError(
      `The issuer ${escapeText(issuer)} has trouble of its own right now (${said}). Try again in a while.`,
    );
  return new CommandError(
    `The issuer ${escapeText(issuer)} does not sign you in (${said}). Whoever runs the server can look at its settings.`,
    4,
  );
}
