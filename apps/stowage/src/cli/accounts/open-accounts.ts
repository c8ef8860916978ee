import { access } from "node:fs/promises";
import { join } from "node:path";
import { type Issuer, openIssuer } from "@stowage/issuer";
import { type CommandContext, CommandError, UsageError } from "../command.ts";
import { escapeText } from "../escape-text.ts";
import { dataDirOf } from "../remote/find-server.ts";

/** Codes of the issuer's errors that a person can do something about, and those that are wrong usage. */
const refusals: ReadonlySet<string> = new Set([
  "account-exists",
  "unknown-account",
  "operator-scope",
  "reason-required",
  "issuer-busy",
  "issuer-directory-unusable",
  "weak-password",
  "password-queue-full",
]);
const wrongUsage: ReadonlySet<string> = new Set([
  "invalid-email",
  "invalid-account-detail",
  "unknown-scope",
  "invalid-token-request",
]);

/**
 * Works with the accounts of the data directory that a command means, whether its server runs or not.
 *
 * @param make - whether a directory that is not there yet is made
 * @throws CommandError, UsageError in the issuer's words
 */
export async function withAccounts<T>(
  context: CommandContext,
  { make }: { readonly make: boolean },
  work: (issuer: Issuer, dataDir: string) => Promise<T>,
): Promise<T> {
  const dataDir = dataDirOf(context);
  if (!(await exists(dataDir))) {
    if (!make) throw new CommandError(`${missing(dataDir)} ${howToMake(context)}`);
    context.say(`There was no data directory yet: made ${escapeText(dataDir)}.`);
  }
  let issuer: Issuer | undefined;
  try {
    issuer = await openIssuer({ directory: join(dataDir, "issuer") });
    return await work(issuer, dataDir);
  } catch (error) {
    throw inPersonsWords(error);
  } finally {
    issuer?.close();
  }
}

const missing = (dataDir: string): string => `There is no data directory ${escapeText(dataDir)}.`;

/** How a data directory comes to be. */
export const howToMake = ({ program }: CommandContext): string =>
  `Run ${program.startsWith("npm run") ? "npm start" : `${program} up`} once, or name another with --data DIR.`;

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    // What can't be reached is opened next, and says itself what is wrong.
    return false;
  }
}

function inPersonsWords(error: unknown): unknown {
  if (!(error instanceof Error) || !("code" in error)) return error;
  const code = String(error.code);
  if (wrongUsage.has(code)) return new UsageError(escapeText(error.message), { cause: error });
  return refusals.has(code) ? new CommandError(escapeText(error.message), 1, { cause: error }) : error;
}
