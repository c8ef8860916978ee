import { createNodeUploader, type NodeUploader } from "@stowage/client/node";

/** Tries of a request whose answer a person waits for: about four seconds. */
const attemptsWhilePersonWaits = 4;

export interface RemoteClientOptions {
  /** For work that may run unattended: the client's own number of tries. */
  readonly patient?: boolean;
  readonly concurrency?: number | undefined;
}

/** A client of a server, whoever its tokens are of. */
export const createRemoteClient = (
  server: string,
  getToken: (refused?: string) => Promise<string | undefined>,
  options: RemoteClientOptions = {},
): NodeUploader =>
  createNodeUploader({
    server,
    getToken,
    ...(options.patient ? {} : { maxAttempts: attemptsWhilePersonWaits }),
    ...(options.concurrency !== undefined && { concurrency: options.concurrency }),
  });
