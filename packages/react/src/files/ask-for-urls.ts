import {
  type Client,
  type CreateDownloadsRequest,
  type FileSource,
  ProblemError,
  UnexpectedAnswerError,
} from "@stowage/client";
import type { FileUrl } from "./file-url-query.ts";

type Wanted = CreateDownloadsRequest["files"][number];

/** Most files that one request may name. */
const maxPerRequest = 200;

interface Asked {
  readonly wanted: Wanted;
  resolve(url: FileUrl): void;
  reject(error: unknown): void;
}

const gathering = new WeakMap<object, Asked[]>();

/**
 * Asks for a presigned GET. All that ask in one turn of the event loop share requests of 200.
 *
 * @throws ProblemError `not-found` …, and what the client's `files.downloads` throws
 */
export function askForUrl(client: Client<FileSource>, wanted: Wanted): Promise<FileUrl> {
  return new Promise((resolve, reject) => {
    const asked: Asked = { wanted, resolve, reject };
    const others = gathering.get(client);
    if (others) {
      others.push(asked);
      return;
    }
    gathering.set(client, [asked]);
    setTimeout(() => {
      const all = gathering.get(client) ?? [];
      gathering.delete(client);
      for (let from = 0; from < all.length; from += maxPerRequest)
        void ask(client, all.slice(from, from + maxPerRequest));
    });
  });
}

async function ask(client: Client<FileSource>, all: readonly Asked[]): Promise<void> {
  try {
    const items = await client.files.downloads(all.map(({ wanted }) => wanted));
    for (const [index, { resolve, reject }] of all.entries()) {
      const { request, problem } = items[index] ?? {};
      if (request) resolve({ url: request.url, expiresInMs: request.expiresInSeconds * 1000 });
      else reject(problem ? new ProblemError(problem) : new UnexpectedAnswerError("POST /v1/downloads", 200));
    }
  } catch (error) {
    for (const { reject } of all) reject(error);
  }
}
