import type { Uploader } from "@stowage/client";
import type { NodeSource } from "@stowage/client/node";
import { type CommandContext, CommandError } from "../command.ts";
import { howToSignInTo } from "../how-to-sign-in.ts";
import { DamagedCredentialsError } from "../sign-in/credentials-file.ts";
import { findCredentialsFile } from "../sign-in/find-credentials-file.ts";
import { createTokenSource, type TokenSource } from "../sign-in/token-source.ts";
import { createRemoteClient, type RemoteClientOptions } from "./create-remote-client.ts";
import { findServer } from "./find-server.ts";

/** A server, and tokens for it. */
export interface ServerAccess {
  readonly server: string;
  readonly getToken: TokenSource;
}

/**
 * The server that the command means, with the token in the environment, else as the person that is signed in to that server.
 *
 * @throws CommandError exit 4 where nobody is signed in
 */
export async function findAccess(context: CommandContext): Promise<ServerAccess> {
  const server = await findServer(context);
  const token = context.env.STOWAGE_TOKEN?.trim();
  return { server, getToken: token ? async () => token : await signedIn(context, server) };
}

/**
 * A client of the server that the command means, with the token in the environment, else as the person that is signed
 * in to that server.
 *
 * @throws CommandError exit 4 where nobody is signed in
 */
export async function connect(
  context: CommandContext,
  options: RemoteClientOptions = {},
): Promise<Uploader<NodeSource>> {
  const { server, getToken } = await findAccess(context);
  return createRemoteClient(server, getToken, options);
}

async function signedIn(context: CommandContext, server: string): Promise<TokenSource> {
  const file = findCredentialsFile(context);
  const credentials = await file?.read(server).catch((error: unknown) => {
    throw error instanceof DamagedCredentialsError
      ? new CommandError(`${error.message}\n\n${howToSignInTo(context)}`, 4, { cause: error })
      : error;
  });
  if (!file || !credentials)
    throw new CommandError(`You are not signed in to ${server}.\n\n${howToSignInTo(context)}`, 4);
  return createTokenSource({
    file,
    server,
    credentials,
    holdOpen: context.holdOpen,
    nowMs: Date.now,
  });
}
