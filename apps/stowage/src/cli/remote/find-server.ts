import { resolve } from "node:path";
import { readRunning } from "../../server/running.ts";
import { type CommandContext, CommandError, UsageError } from "../command.ts";
import { escapeText } from "../escape-text.ts";
import { textOption } from "../parse-options.ts";
import { findCredentialsFile } from "../sign-in/find-credentials-file.ts";

/** The data directory that a command means. */
export const dataDirOf = (context: CommandContext): string =>
  resolve(context.cwd, textOption(context, "data") ?? ".stowage");

/**
 * The origin of the server that a command means: `--server`, else `--data`, else STOWAGE_SERVER, else that of
 * `./.stowage`, else the one that the person is signed in to, where that is one.
 *
 * @throws UsageError for an address that is none, CommandError where there is none
 */
export async function findServer(context: CommandContext): Promise<string> {
  const given = textOption(context, "server");
  if (given !== undefined) return originOf(given, "--server");
  const { STOWAGE_SERVER } = context.env;
  if (textOption(context, "data") === undefined && STOWAGE_SERVER)
    return originOf(STOWAGE_SERVER, "STOWAGE_SERVER");
  const dataDir = dataDirOf(context);
  const running = await readRunning(dataDir);
  if (running) return running.api;
  const signedInTo = textOption(context, "data") === undefined ? await serversSignedInTo(context) : [];
  const [only, ...others] = signedInTo;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined)
    throw new UsageError(
      [
        "You are signed in to more than one server: say which with --server, or with STOWAGE_SERVER.",
        "",
        ...signedInTo.map((server) => `  --server ${escapeText(server)}`),
      ].join("\n"),
    );
  throw new CommandError(
    [
      `There is no server to ask: none was ever started on ${escapeText(dataDir)}.`,
      "",
      `Start one with ${context.program.startsWith("npm run") ? "npm start" : `${context.program} up`}, or name one:`,
      "",
      "  export STOWAGE_SERVER=http://localhost:8420",
    ].join("\n"),
  );
}

async function serversSignedInTo(context: CommandContext): Promise<string[]> {
  try {
    return (await findCredentialsFile(context)?.servers()) ?? [];
  } catch (error) {
    // Said by whatever wants to sign in with it: here nothing is known of any server.
    if (error instanceof CommandError) return [];
    throw error;
  }
}

function originOf(address: string, source: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol))
    throw new UsageError(
      `${source} must be an address such as http://localhost:8420, not ${JSON.stringify(address)}.`,
    );
  return url.origin;
}
