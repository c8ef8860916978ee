import type { CommandContext } from "../command.ts";
import { type CredentialsFile, openCredentialsFile } from "./credentials-file.ts";
import { credentialsPath } from "./credentials-path.ts";

/** Of the person who runs the command; `undefined` where the environment says nothing of a home. */
export function findCredentialsFile({ env }: Pick<CommandContext, "env">): CredentialsFile | undefined {
  const path = credentialsPath(env, process.platform);
  return path === undefined ? undefined : openCredentialsFile(path);
}
