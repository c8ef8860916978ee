import { setTimeout as sleep } from "node:timers/promises";
import { type Client, createClient } from "@stowage/client";
import { type CommandContext, CommandError } from "../command.ts";
import { howToSignIn } from "../how-to-sign-in.ts";
import { findServer } from "./find-server.ts";
import { nodeDigest } from "./node-digest.ts";
import type { NodeFile } from "./node-file.ts";
import { createNodeSender } from "./node-sender.ts";

/** Tries of a request whose answer a person waits for: about four seconds. */
const attemptsWhilePersonWaits = 4;

/**
 * A client of the server that the command means, with the token in the environment.
 *
 * @param patient - for work that may run unattended: the client's own number of tries
 * @throws CommandError exit 4 where there is no token
 */
export async function connect(
  context: CommandContext,
  options: { readonly patient?: boolean; readonly concurrency?: number | undefined } = {},
): Promise<Client<NodeFile>> {
  const token = context.env.STOWAGE_TOKEN?.trim();
  if (!token) throw new CommandError(`You are not signed in.\n\n${howToSignIn(context.program)}`, 4);
  return createClient<NodeFile>({
    server: await findServer(context),
    getToken: async () => token,
    fetch,
    digest: nodeDigest,
    send: createNodeSender(),
    clock: {
      nowMs: () => performance.now(),
      delay: (delayMs, signal) => sleep(delayMs, undefined, { signal: signal as AbortSignal }),
    },
    random: Math.random,
    abortController: () => new AbortController(),
    ...(options.patient ? {} : { maxAttempts: attemptsWhilePersonWaits }),
    ...(options.concurrency !== undefined && { concurrency: options.concurrency }),
  });
}
