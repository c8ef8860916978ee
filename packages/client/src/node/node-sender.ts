import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  request as requestHttp,
} from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { Transform } from "node:stream";
import { FileChangedError, FileUnreadableError } from "../errors.ts";
import type { BytesSender, StoreAnswer } from "../ports.ts";
import type { NodeSource } from "./node-source.ts";

/** Only the beginning of a store's answer is looked at. */
const keptBytes = 4096;

/** Sends a file or a part as a stream with its length, over connections that are kept. */
export function createNodeSender(): BytesSender<NodeSource> {
  const http = new HttpAgent({ keepAlive: true });
  const https = new HttpsAgent({ keepAlive: true });

  const open = (url: URL, method: string, headers: Record<string, string>): ClientRequest =>
    url.protocol === "https:"
      ? requestHttps(url, { method, headers, agent: https })
      : requestHttp(url, { method, headers, agent: http });

  return ({ url, method, headers }, file, { onSent, signal }) =>
    new Promise<StoreAnswer>((resolve, reject) => {
      const request = open(new URL(url), method, { ...headers, "content-length": String(file.sizeBytes) });
      const body = file.body();
      const abort = () => request.destroy(new Error("It was aborted."));
      if (signal.aborted) abort();
      signal.addEventListener("abort", abort);
      const settle = () => {
        signal.removeEventListener("abort", abort);
        body.destroy();
      };
      let answered = false;
      const fail = (error: unknown) => {
        settle();
        request.destroy();
        reject(error);
      };

      request.on("response", (response) => {
        answered = true;
        readBeginning(response).then((text) => {
          // The store may answer before it has everything: nothing more is sent then.
          if (!request.writableFinished) request.destroy();
          settle();
          resolve({
            status: response.statusCode ?? 0,
            retryAfter: response.headers["retry-after"],
            body: text,
          });
        }, fail);
      });
      request.on("error", (error) => {
        // A store that has answered may close before it has read everything.
        if (!answered) fail(error);
      });

      let sentBytes = 0;
      const count = new Transform({
        transform(piece: Buffer, _encoding, done) {
          sentBytes += piece.length;
          onSent(sentBytes);
          done(null, piece);
        },
        flush(done) {
          // Fewer bytes than declared would leave the store waiting for the rest.
          done(sentBytes === file.sizeBytes ? null : new FileChangedError(file.path));
        },
      });
      body.on("error", (cause) => fail(new FileUnreadableError(file.path, { cause })));
      count.on("error", fail);
      body.pipe(count).pipe(request);
    });
}

async function readBeginning(response: IncomingMessage): Promise<string> {
  let kept = "";
  for await (const piece of response as AsyncIterable<Buffer>)
    if (kept.length < keptBytes) kept += piece.toString("latin1");
  return kept.slice(0, keptBytes);
}
