import { setTimeout as sleep } from "node:timers/promises";
import { createUploader, type Uploader } from "@stowage/client";
import { nodeDigest } from "./node-digest.ts";
import type { NodeFile } from "./node-file.ts";
import { createNodeSender } from "./node-sender.ts";

/** Tries of a request whose answer a person waits for: about four seconds. */
const attemptsWhilePersonWaits = 4;

export interface RemoteClientOptions {
  /** For work that may run unattended: the client's own number of tries. */
  readonly patient?: boolean;
  readonly concurrency?: number | undefined;
}

/** A client of a server on Node's platform, whoever its tokens are of. */
export const createRemoteClient = (
  server: string,
  getToken: (refused?: string) => Promise<string | undefined>,
  options: RemoteClientOptions = {},
): Uploader<NodeFile> =>
  createUploader<NodeFile>({
    server,
    getToken,
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
